using System.Globalization;
using System.Text;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>Commands of the shell itself, and those that stand behind pipes.</summary>
static class TextCommands
{
    public static async Task<int> EchoAsync(ShellContext shell, string[] args)
    {
        var endsLine = args is not ["-n", ..];
        var text = string.Join(' ', endsLine ? args : args[1..]) + (endsLine ? "\n" : "");
        await shell.Out.WriteAsync(Encoding.UTF8.GetBytes(text), shell.Closed);
        return 0;
    }

    public static Task<int> ExitAsync(ShellContext shell, string[] args)
    {
        shell.State.HasExited = true;
        return Task.FromResult(args is [var code, ..] && int.TryParse(code, CultureInfo.InvariantCulture, out var n)
            ? n & 0xff : shell.State.LastCode);
    }

    /// <summary>The command takes the shell's place.</summary>
    public static async Task<int> ExecAsync(ShellContext shell, string[] args)
    {
        if (args.Length == 0)
            return 0;
        var code = await ShellRunner.RunAsync(shell, [.. args]);
        shell.State.HasExited = true;
        return code;
    }

    public static Task<int> ExportAsync(ShellContext shell, string[] args)
    {
        shell.State.Assign(args);
        return Task.FromResult(0);
    }

    public static async Task<int> ShellAsync(ShellContext shell, string[] args)
    {
        if (args is not ["-c", var text, ..])
            return await shell.FailAsync("sh: only -c can be used here");
        return await ShellRunner.RunAsync(
            shell with { State = new() { Directory = shell.State.Directory, Pid = shell.State.Pid } }, text);
    }

    /// <summary>Plain text, with <c>^</c> and <c>$</c> at its ends.</summary>
    public static async Task<int> GrepAsync(ShellContext shell, string[] args)
    {
        var options = Options.Of(args);
        if (options.Rest is not [var pattern, .. var files])
            return await shell.FailAsync("grep: no pattern", 2);
        var how = options['i'] ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var found = 0;
        await foreach (var line in LinesAsync(shell, files))
        {
            if (Matches(line, pattern, how) == options['v'])
                continue;
            found++;
            if (!options['c'] && !options['q'])
                await shell.SayAsync(line);
        }
        if (options['c'])
            await shell.SayAsync($"{found}");
        return found > 0 ? 0 : 1;
    }

    public static async Task<int> HeadAsync(ShellContext shell, string[] args)
    {
        var (count, files) = args switch
        {
            ["-n", var n, .. var rest] when int.TryParse(n, CultureInfo.InvariantCulture, out var c) => (c, rest),
            [['-', .. var n], .. var rest] when int.TryParse(n, CultureInfo.InvariantCulture, out var c) => (c, rest),
            _ => (10, args),
        };
        await foreach (var line in LinesAsync(shell, files))
        {
            if (count-- <= 0)
                break;
            await shell.SayAsync(line);
        }
        return 0;
    }

    public static async Task<int> CountAsync(ShellContext shell, string[] args)
    {
        var options = Options.Of(args);
        var (lines, bytes) = (0L, 0L);
        var buffer = new byte[16 << 10];
        await using var input = Open(shell, options.Rest);
        for (int n; (n = await input.ReadAsync(buffer, shell.Closed)) > 0; bytes += n)
            lines += buffer.AsSpan(0, n).Count((byte)'\n');
        return await shell.SayAsync(options['l'] ? $"{lines}" : options['c'] ? $"{bytes}" : $"{lines} {bytes}");
    }

    static bool Matches(string line, string pattern, StringComparison how) => pattern switch
    {
        ['^', .. var text, '$'] => line.Equals(text, how),
        ['^', .. var text] => line.StartsWith(text, how),
        [.. var text, '$'] => line.EndsWith(text, how),
        _ => line.Contains(pattern, how),
    };

    static Stream Open(ShellContext shell, string[] files) =>
        files is [var file, ..] ? shell.Disk.Read(shell.Resolve(file)) : shell.In;

    static async IAsyncEnumerable<string> LinesAsync(ShellContext shell, string[] files)
    {
        const int MaxLine = 64 << 10;
        await using var input = Open(shell, files);
        var (buffer, filled) = (new byte[MaxLine], 0);
        while (true)
        {
            var n = filled == MaxLine ? 0 : await input.ReadAsync(buffer.AsMemory(filled), shell.Closed);
            filled += n;
            var start = 0;
            for (int end; (end = buffer.AsSpan(start, filled - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
                yield return Encoding.UTF8.GetString(buffer, start, end);
            if (n == 0)
            {
                if (filled > start)
                    yield return Encoding.UTF8.GetString(buffer, start, filled - start);
                if (filled < MaxLine || start > 0)
                    yield break;
                start = filled;
            }
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }
    }
}
