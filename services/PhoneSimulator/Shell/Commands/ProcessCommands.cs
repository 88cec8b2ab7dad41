using System.Globalization;
using CloudPhone.PhoneSimulator.Android;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>ps: what runs, in toybox's columns.</summary>
static class ProcessCommands
{
    const string Usual = "USER,PID,PPID,VSZ,RSS,WCHAN,ADDR,S,NAME", Full = "USER,PID,PPID,C,STIME,TTY,TIME,CMD";

    /// <param name="Width">Less than 0: it begins at the left.</param>
    sealed record Column(int Width, Func<Row, string> Value);

    sealed record Row(AndroidProcess Process, long Resident, long Virtual, DateTimeOffset BootedAt);

    static readonly Dictionary<string, Column> Columns = new()
    {
        ["USER"] = new(-12, r => r.Process.User),
        ["PID"] = new(5, r => $"{r.Process.Pid}"),
        ["PPID"] = new(5, r => $"{r.Process.ParentPid}"),
        ["VSZ"] = new(7, r => $"{r.Virtual}"),
        ["RSS"] = new(6, r => $"{r.Resident}"),
        ["WCHAN"] = new(-10, _ => "0"),
        ["ADDR"] = new(10, _ => "0"),
        ["S"] = new(-1, r => $"{r.Process.State}"),
        ["NAME"] = new(-27, r => r.Process.Name),
        ["CMD"] = new(-27, r => r.Process.Name),
        ["ARGS"] = new(-27, r => r.Process.Name),
        ["CMDLINE"] = new(-27, r => r.Process.Name),
        ["C"] = new(1, _ => "0"),
        ["STIME"] = new(5, r => r.BootedAt.ToString("HH:mm", CultureInfo.InvariantCulture)),
        ["TTY"] = new(-8, _ => "?"),
        ["TIME"] = new(8, r => r.Process.Cpu.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture)),
    };

    public static async Task<int> ListAsync(ShellContext shell, string[] args)
    {
        var (isAll, fields, pids) = (false, Usual, new List<int>());
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is "-o" or "-p" && i + 1 == args.Length)
                return await shell.FailAsync($"ps: Missing argument to {args[i]}");
            if (args[i] == "-o")
                fields = args[++i];
            else if (args[i] == "-p")
                pids.AddRange(args[++i].Split(',').Select(
                    p => int.TryParse(p, CultureInfo.InvariantCulture, out var pid) ? pid : -1));
            else if (args[i] is not ['-', .. { Length: > 0 } letters]
                || letters.Any(l => l is not ('A' or 'e' or 'f' or 'w')))
                return await shell.FailAsync($"ps: Unknown option '{args[i].TrimStart('-')}' (see \"ps --help\")");
            else
                (isAll, fields) = (isAll || letters.Contains('A') || letters.Contains('e'),
                    letters.Contains('f') ? Full : fields);
        }
        var names = fields.Split(',').Select(f => f == "VSIZE" ? "VSZ" : f).ToArray();
        if (names.FirstOrDefault(n => !Columns.ContainsKey(n)) is { } unknown)
            return await shell.FailAsync($"ps: bad -o '{unknown}'");
        var (resident, addresses) = PhoneMemory.Own();
        var bootedAt = shell.Phone.Clock.GetUtcNow() - shell.Phone.Uptime;
        // of its user's processes only those of its own shell, where not all are asked for
        var rows = shell.Phone.Processes.List("ps", shell.State.Pid)
            .Where(p => pids.Count > 0 ? pids.Contains(p.Pid)
                : isAll || p.Pid == shell.State.Pid || p.ParentPid == shell.State.Pid)
            .Select(p => new Row(p, resident, addresses, bootedAt)).ToList();
        await shell.SayAsync(rows.Select(r => Line(names, n => Columns[n].Value(r))).Prepend(Line(names, n => n)));
        return rows.Count > 0 ? 0 : 1;
    }

    static string Line(string[] names, Func<string, string> text) =>
        string.Join(' ', names.Select((n, i) => Columns[n].Width switch
        {
            < 0 when i == names.Length - 1 => text(n),
            < 0 and var width => text(n).PadRight(-width),
            var width => text(n).PadLeft(width),
        }));
}
