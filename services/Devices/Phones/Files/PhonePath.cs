using System.Text;
using CloudPhone.Adb;
using CloudPhone.Adb.Shell;

namespace CloudPhone.Devices.Phones.Files;

/// <summary>Where users keep files in a phone: below /sdcard or /data/local/tmp, and nowhere else.</summary>
sealed class PhonePath
{
    const int MaxBytes = 1000;
    const int MaxNameBytes = 200;
    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    static readonly string[] Roots = ["/sdcard", "/data/local/tmp"];

    /// <summary>Their own names and those that Android's links lead to.</summary>
    static readonly string[] RealRoots = [.. Roots, "/storage/emulated/0", "/data/media/0"];

    PhonePath(string path) => Text = path;

    public string Text { get; }

    public string Name => Text[(Text.LastIndexOf('/') + 1)..];

    public string Folder => Text[..Text.LastIndexOf('/')];

    /// <summary>It is one of the folders below which all lie.</summary>
    public bool IsRoot => Array.IndexOf(Roots, Text) >= 0;

    /// <returns>Null where it is no path, or leads elsewhere: then <paramref name="wrong"/> says why.</returns>
    public static PhonePath? Parse(string? path, out string wrong)
    {
        wrong = "";
        if (path is ['/', .., not '/', '/'])
            path = path[..^1];
        if (string.IsNullOrEmpty(path) || Length(path) is not { } length || path.Any(char.IsControl))
            wrong = "path is text without control characters.";
        else if (length > MaxBytes || path.Split('/').Any(n => Length(n) > MaxNameBytes))
            wrong = $"A path has at most {MaxBytes} bytes, a name in it {MaxNameBytes}.";
        else if (path[0] != '/' || path.Split('/').Skip(1).Any(n => n is "" or "." or ".."))
            wrong = "path is absolute, without empty parts, . and ..";
        else if (!IsWithin(path, Roots))
            wrong = $"Files are below {string.Join(" and ", Roots)}.";
        return wrong.Length == 0 ? new(path!) : null;
    }

    /// <summary>The folder that it is in, with all links followed on the phone.</summary>
    /// <returns>Null where there is no such folder.</returns>
    /// <exception cref="PathLeavesException">A link leads out of where users keep files.</exception>
    public async Task<PhonePath?> InRealFolderAsync(AdbPhone phone, CancellationToken ct) =>
        IsRoot ? this : await RealAsync(phone, Folder, ct) is { } folder ? new($"{folder}/{Name}") : null;

    /// <summary>Itself, with all links followed on the phone, its last part too.</summary>
    /// <inheritdoc cref="InRealFolderAsync"/>
    public async Task<PhonePath?> RealAsync(AdbPhone phone, CancellationToken ct) =>
        await RealAsync(phone, Text, ct) is { } path ? new(path) : null;

    static async Task<string?> RealAsync(AdbPhone phone, string path, CancellationToken ct)
    {
        var result = await phone.RunAsync($"readlink -f {AdbShell.Quote(path)}", ct);
        if (result.ExitCode != 0)
            return null;
        var real = result.Text.TrimEnd('\n');
        return IsWithin(real, RealRoots) && !real.Contains('\n', StringComparison.Ordinal) ? real
            : throw new PathLeavesException();
    }

    static bool IsWithin(string path, string[] folders) => Array.Exists(folders, f =>
        path.StartsWith(f, StringComparison.Ordinal) && (path.Length == f.Length || path[f.Length] == '/'));

    /// <returns>In bytes; null where half a character stands alone.</returns>
    static int? Length(string text)
    {
        try
        {
            return Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }
}

/// <summary>The path leads out of where users keep files.</summary>
sealed class PathLeavesException() : Exception("A link on the phone leads out of where files are kept.");
