using System.Security.Cryptography;
using CloudPhone.Adb;
using CloudPhone.Adb.Sync;

namespace CloudPhone.Scrcpy;

/// <summary>The program that is run on phones.</summary>
sealed class ScrcpyServerFile
{
    const int MaxBytes = 16 << 20;

    /// <summary>A JAR is a ZIP.</summary>
    static readonly byte[] Head = [.. "PK\u0003\u0004"u8];
    readonly byte[] _bytes;

    ScrcpyServerFile(byte[] bytes, bool isStandIn)
    {
        (_bytes, IsStandIn) = (bytes, isStandIn);
        // by its content, so that one that is there is the right one, whoever has put it there
        Path = $"/data/local/tmp/scrcpy-server-{ScrcpyServer.Version}-"
            + $"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]}.jar";
    }

    /// <summary>For simulated phones, which only look whether there is a file.</summary>
    public static ScrcpyServerFile StandIn { get; } = new("CloudPhone: no server"u8.ToArray(), isStandIn: true);

    /// <summary>It runs on simulated phones only.</summary>
    public bool IsStandIn { get; }

    /// <summary>Where it is on the phone.</summary>
    public string Path { get; }

    /// <param name="path">Of scrcpy's server of version <see cref="ScrcpyServer.Version"/>; null or empty: the
    /// <see cref="StandIn"/>.</param>
    /// <exception cref="InvalidDataException">It is none; the message says so.</exception>
    /// <exception cref="IOException">It can't be read; so for
    /// <see cref="UnauthorizedAccessException"/>.</exception>
    public static ScrcpyServerFile Read(string? path)
    {
        if (path is null or "")
            return StandIn;
        using var file = File.OpenRead(path);
        if (file.Length > MaxBytes)
            throw new InvalidDataException($"{path} is too large for scrcpy's server.");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes.AsSpan().StartsWith(Head) ? new(bytes, isStandIn: false)
            : throw new InvalidDataException($"{path} is no JAR of scrcpy's server.");
    }

    /// <summary>Puts it there, unless it is.</summary>
    /// <exception cref="AdbException">The phone did not take it.</exception>
    public async Task PushAsync(AdbConnection phone, CancellationToken ct)
    {
        await using var sync = await AdbSync.OpenAsync(phone, ct);
        if (await sync.StatAsync(Path, ct) is { IsRegular: true } there && there.Size == _bytes.Length)
            return;
        // adbd writes to a new file in its place: one that a server runs from stays as it is
        await sync.WriteAsync(Path, new MemoryStream(_bytes), _bytes.Length, DateTimeOffset.UnixEpoch, ct);
    }
}
