using System.Globalization;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>logcat, and what writes to it.</summary>
static class LogCommands
{
    const int MaxTag = 64;

    public static async Task<int> ReadAsync(ShellContext shell, string[] args)
    {
        var log = shell.Phone.Log;
        if (args.Contains("-c"))
        {
            log.Clear();
            return 0;
        }
        var t = Array.FindIndex(args, a => a is "-t" or "-T");
        var last = t >= 0 && t + 1 < args.Length && int.TryParse(args[t + 1], CultureInfo.InvariantCulture, out var n)
            ? n : int.MaxValue;
        var since = last == int.MaxValue && t >= 0 && t + 1 < args.Length ? Time(args[t + 1]) : default;
        var isOnce = args.Contains("-d") || args.Contains("-t");
        await shell.SayAsync("--------- beginning of main");
        for (var seen = 0L; ;)
        {
            (var lines, seen, var more) = log.Read(seen, since);
            await shell.SayAsync(lines.TakeLast(last));
            if (isOnce)
                return 0;
            last = int.MaxValue;
            await more.WaitAsync(shell.Closed);
        }
    }

    /// <summary>Seconds since 1970, as -T takes them.</summary>
    static DateTimeOffset Time(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var s) && s < 4e9m
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(s * 1000)) : default;

    public static async Task<int> WriteAsync(ShellContext shell, string[] args)
    {
        var (level, tag, text) = ('I', "log", new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "-t" && i + 1 < args.Length)
                tag = args[++i];
            else if (args[i] == "-p" && i + 1 < args.Length)
                level = args[++i] is [>= 'a' and <= 'z' and var c, ..] ? char.ToUpperInvariant(c) : 'I';
            else
                text.Add(args[i]);
        }
        if (text.Count == 0 || tag.Length > MaxTag)
            return await shell.FailAsync("log: needs a text, and a short tag");
        shell.Phone.Log.Write(tag, string.Join(' ', text), level);
        return 0;
    }
}
