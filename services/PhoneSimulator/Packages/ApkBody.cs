using System.Buffers;
using System.IO.Compression;
using System.Security.Cryptography;
using CloudPhone.Apk;
using CloudPhone.PhoneSimulator.Control;

namespace CloudPhone.PhoneSimulator.Packages;

/// <summary>An APK that was received and looked at. It goes over the disk, never as a whole through memory.</summary>
static class ApkBody
{
    public const long MaxBytes = 512L << 20;
    static readonly TimeSpan ReceiveLimit = TimeSpan.FromMinutes(10);

    /// <returns>The SHA-256 in hex.</returns>
    /// <exception cref="ApkException">It is too large, or no zip archive with an AndroidManifest.xml.</exception>
    public static async Task<string> ReceiveAsync(BodyStream body, long length, string folder)
    {
        if (length > MaxBytes)
            throw new ApkException($"An APK has at most {MaxBytes >> 20} MB.");
        using var limit = new CancellationTokenSource(ReceiveLimit);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(Path.Combine(folder, $"{Guid.NewGuid():N}.apk.new"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        });
        var buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            for (int n; (n = await body.ReadAsync(buffer, limit.Token)) > 0;)
            {
                hash.AppendData(buffer, 0, n);
                await file.WriteAsync(buffer.AsMemory(0, n), limit.Token);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        Check(file);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void Check(Stream file)
    {
        try
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            if (zip.GetEntry("AndroidManifest.xml") is null)
                throw new ApkException("The archive has no AndroidManifest.xml.");
        }
        catch (InvalidDataException)
        {
            throw new ApkException("The body is no zip archive.");
        }
    }
}
