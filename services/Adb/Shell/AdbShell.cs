using System.Buffers;
using System.Text;

namespace CloudPhone.Adb.Shell;

/// <param name="ExitCode">Null where it was broken off because it said too much.</param>
sealed record ShellResult(int? ExitCode, byte[] Output, byte[] Error)
{
    public bool IsTruncated => ExitCode is null;

    public string Text => Encoding.UTF8.GetString(Output);

    public string ErrorText => Encoding.UTF8.GetString(Error);

    /// <summary>The first line that it said, errors first: why it failed.</summary>
    public string Reason => $"{ErrorText}\n{Text}".Split('\n', StringSplitOptions.TrimEntries)
        .FirstOrDefault(l => l.Length > 0) ?? $"exit code {ExitCode}";
}

/// <summary>Single commands in the phone's shell.</summary>
static class AdbShell
{
    /// <summary>Enough for what is asked here; callers with more to read say so.</summary>
    const int DefaultOutput = 256 << 10;

    /// <param name="command">A line for the phone's shell: what comes from outside goes through
    /// <see cref="Quote"/>.</param>
    /// <param name="maxOutput">Bytes of output and errors together; with more the command is broken off.</param>
    /// <exception cref="AdbException">The phone did not answer.</exception>
    public static async Task<ShellResult> RunAsync(
        this AdbPhone phone, string command, CancellationToken ct, int maxOutput = DefaultOutput)
    {
        await using var stream = await phone.OpenAsync($"shell,v2,raw:{command}", ct);
        return await ReadAsync(stream, maxOutput, ct);
    }

    /// <exception cref="AdbException">The phone did not answer, or the command failed: then with its words.</exception>
    public static async Task<string> DoAsync(this AdbPhone phone, string command, CancellationToken ct)
    {
        var result = await phone.RunAsync(command, ct);
        return result.ExitCode == 0 ? result.Text
            : throw new AdbException(AdbFault.Refused, $"The phone could not do it: {Short(result.Reason)}");
    }

    /// <exception cref="AdbException">The phone did not answer.</exception>
    public static async Task<bool> IsBootedAsync(this AdbPhone phone, CancellationToken ct) =>
        (await phone.RunAsync("getprop sys.boot_completed", ct)).Text.Trim() == "1";

    /// <exception cref="AdbException">The phone did not answer.</exception>
    public static async Task<string> PropertyAsync(this AdbConnection connection, string name, CancellationToken ct)
    {
        await using var stream = await connection.OpenAsync($"shell,v2,raw:getprop {name}", ct)
            ?? throw AdbException.Gone();
        return (await ReadAsync(stream, DefaultOutput, ct)).Text.Trim();
    }

    public static async Task<ShellResult> ReadAsync(Stream stream, int maxOutput, CancellationToken ct)
    {
        var reader = new ShellReader(stream);
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            while (true)
            {
                var (part, n) = await reader.ReadAsync(buffer, ct);
                if (part == ShellPart.Exit)
                    return new(buffer[0], output.ToArray(), error.ToArray());
                var room = (int)Math.Min(n, maxOutput - output.Length - error.Length);
                (part == ShellPart.Error ? error : output).Write(buffer, 0, room);
                if (room < n)
                    return new(null, output.ToArray(), error.ToArray());
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>One word for the phone's shell, whatever is in it; NUL can't be.</summary>
    public static string Quote(string word) => word.Contains('\0', StringComparison.Ordinal)
        ? throw new ArgumentException("No shell takes NUL.", nameof(word))
        : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    static string Short(string text) => text.Length <= 200 ? text : text[..200];
}
