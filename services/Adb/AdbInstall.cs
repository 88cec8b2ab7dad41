using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CloudPhone.Adb.Shell;

namespace CloudPhone.Adb;

/// <param name="Sha256">In hex.</param>
/// <param name="Size">Bytes.</param>
sealed record ApkToInstall(string Sha256, long Size);

/// <summary>The phone, or its announcement, did not let the app in; the message can be shown to users.</summary>
/// <param name="isPermanent">Trying again will not help.</param>
sealed class InstallRefusedException(string message, bool isPermanent) : Exception(message)
{
    public bool IsPermanent => isPermanent;
}

sealed record InstalledPackage(string Name, long VersionCode);

/// <summary>Apps onto a phone, streamed into its package manager, which needs no file of its own.</summary>
static partial class AdbInstall
{
    const int MaxAnswer = 64 << 10;
    /// <summary>A large app is checked and compiled after its last byte, without a word.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    /// <summary>The phone refuses an older version than its own, which could not read the newer one's data.</summary>
    /// <exception cref="AdbException">The phone did not take it, or did not answer.</exception>
    /// <exception cref="InstallRefusedException">The phone refused it, or it is not the one that was
    /// announced.</exception>
    public static async Task InstallAsync(this AdbPhone phone, ApkToInstall apk, Stream source, CancellationToken ct)
    {
        await using var stream = await phone.OpenAsync($"exec:cmd package install -r -g -S {apk.Size}", ct);
        try
        {
            await SendAsync(stream, apk, source, ct);
        }
        catch (AdbException e) when (e.Fault == AdbFault.Closed)
        {
            // it has said why
        }
        stream.IdleLimit = Silence;
        Check(await AnswerAsync(stream, ct));
    }

    /// <summary>One that is not there is removed already: whoever asked before may have lost the answer.</summary>
    /// <inheritdoc cref="InstallAsync"/>
    public static async Task UninstallAsync(this AdbPhone phone, string package, CancellationToken ct)
    {
        if (!PackageName().IsMatch(package))
            throw new InstallRefusedException("This is no name of a package.", isPermanent: true);
        var answer = (await phone.RunAsync($"pm uninstall {package}", ct)).Text;
        if (answer.Split('\n').Any(l => l.Trim() == "Success"))
            return;
        if (!(await phone.PackagesAsync(ct)).Any(p => p.Name == package))
            return;
        var failure = Failure().Match(answer);
        throw new InstallRefusedException(
            failure.Success ? $"The phone refused to remove the app: {failure.Groups["why"].Value}"
            : $"The phone could not remove the app: {answer.Trim()[..Math.Min(answer.Trim().Length, 300)]}",
            failure.Success);
    }

    public static async Task<IReadOnlyList<InstalledPackage>> PackagesAsync(this AdbPhone phone, CancellationToken ct)
    {
        var text = await phone.DoAsync("pm list packages -3 --show-versioncode", ct);
        return [.. PackageLine().Matches(text).Select(m => new InstalledPackage(
            m.Groups["name"].Value, long.TryParse(m.Groups["code"].Value, out var code) ? code : 0))];
    }

    /// <summary>The last bytes go out only when all are known to be right.</summary>
    static async Task SendAsync(Stream target, ApkToInstall apk, Stream source, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(AdbHeader.MaxPayload);
        try
        {
            for (var left = apk.Size; left > 0;)
            {
                var n = (int)Math.Min(left, AdbHeader.MaxPayload);
                await source.ReadExactlyAsync(buffer.AsMemory(0, n), ct);
                hash.AppendData(buffer, 0, n);
                left -= n;
                if (left == 0 && !apk.Sha256.Equals(
                    Convert.ToHexString(hash.GetHashAndReset()), StringComparison.OrdinalIgnoreCase))
                    throw new InstallRefusedException(
                        "The APK is not the one that was announced: its SHA-256 differs.", isPermanent: true);
                await target.WriteAsync(buffer.AsMemory(0, n), ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static async Task<string> AnswerAsync(Stream stream, CancellationToken ct)
    {
        var answer = new byte[MaxAnswer];
        var n = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, ct);
        return Encoding.UTF8.GetString(answer, 0, n).Trim();
    }

    /// <summary>It answers <c>Success</c>, or <c>Failure [INSTALL_FAILED_…: why]</c>, or that it is not up.</summary>
    static void Check(string answer)
    {
        if (answer.Split('\n').Any(l => l.Trim() == "Success"))
            return;
        var failure = Failure().Match(answer);
        throw new InstallRefusedException(
            failure.Success ? $"The phone refused the app: {failure.Groups["why"].Value}"
            : answer.Length == 0 ? "The phone did not say whether it has installed the app."
            : $"The phone could not install the app: {answer[..Math.Min(answer.Length, 300)]}", failure.Success);
    }

    [GeneratedRegex(@"Failure \[(?<why>[^\]\n]{1,300})")]
    private static partial Regex Failure();

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+\z")]
    private static partial Regex PackageName();

    [GeneratedRegex(@"^package:(?<name>[\w.]+)(?: versionCode:(?<code>\d+))?\s*$", RegexOptions.Multiline)]
    private static partial Regex PackageLine();
}
