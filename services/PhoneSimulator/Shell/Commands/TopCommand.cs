using System.Diagnostics;
using System.Globalization;
using CloudPhone.PhoneSimulator.Android;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>top, as it is with <c>-b</c>: it prints, and does not draw.</summary>
static class TopCommand
{
    static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static async Task<int> RunAsync(ShellContext shell, string[] args)
    {
        var (count, lines, every) = (int.MaxValue, int.MaxValue, TimeSpan.FromSeconds(3));
        for (var i = 0; i < args.Length; i++)
        {
            // letters may stand together, the last of them with its value
            if (args[i] is not ['-', .. { Length: > 0 } letters])
                return await UnknownAsync(shell, args[i]);
            var at = letters.IndexOfAny(['n', 'm', 'd']);
            if (letters[..(at < 0 ? letters.Length : at)].Any(l => l is not ('b' or 'q')))
                return await UnknownAsync(shell, letters);
            if (at < 0)
                continue;
            var text = at + 1 < letters.Length ? letters[(at + 1)..] : ++i < args.Length ? args[i] : "";
            if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                || number is < 0 or > int.MaxValue)
                return await shell.FailAsync(text == "" ? $"top: Missing argument to -{letters[at]}"
                    : $"top: bad -{letters[at]} '{text}'");
            if (letters[at] == 'd')
                every = TimeSpan.FromSeconds(Math.Clamp(number, 0.1, Longest.TotalSeconds));
            else if (letters[at] == 'n')
                count = Math.Max(1, (int)number);
            else
                lines = (int)number;
        }
        for (var round = 1; ; round++)
        {
            await shell.SayAsync(Screen(shell, lines));
            if (round == count)
                return 0;
            await Task.Delay(every, shell.Phone.Clock, shell.Closed);
        }
    }

    static Task<int> UnknownAsync(ShellContext shell, string option) =>
        shell.FailAsync($"top: Unknown option '{option}' (see \"top --help\")");

    static List<string> Screen(ShellContext shell, int lines)
    {
        using var host = Process.GetCurrentProcess();
        var processes = shell.Phone.Processes.List("top", shell.State.Pid);
        var (memory, (resident, addresses)) = (PhoneMemory.Now(), PhoneMemory.Own());
        var running = Math.Max(0.001, (DateTime.UtcNow - host.StartTime.ToUniversalTime()).TotalSeconds);
        double Percent(TimeSpan time) => 100 * time.TotalSeconds / running;
        var (user, system) = (Percent(host.UserProcessorTime), Percent(host.PrivilegedProcessorTime));
        var all = 100 * Environment.ProcessorCount;
        var active = processes.Count(p => p.State == 'R');
        return
        [
            $"Tasks: {processes.Count} total, {active,3} running, {processes.Count - active,3} sleeping,   0 stopped, "
                + "  0 zombie",
            Amounts(" Mem", memory.Total, memory.Free, memory.Buffers, "buffers"),
            Amounts("Swap", memory.SwapTotal, memory.SwapFree, memory.Cached, "cached"),
            string.Create(CultureInfo.InvariantCulture, $"{all}%cpu{user,4:0}%user   0%nice{system,4:0}%sys")
                + string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, all - user - system),4:0}%idle")
                + "   0%iow   0%irq   0%sirq   0%host",
            "  PID USER         PR  NI VIRT  RES  SHR S[%CPU] %MEM     TIME+ ARGS",
            .. processes.OrderByDescending(p => p.Cpu).ThenByDescending(p => p.State == 'R').Take(lines).Select(p =>
                string.Create(CultureInfo.InvariantCulture, $"{p.Pid,5} {p.User,-12} 20   0 ")
                + $"{Human.Of(addresses << 10),4} {Human.Of(resident << 10),4} {Human.Of(resident << 10),4} {p.State} "
                + string.Create(CultureInfo.InvariantCulture,
                    $"{Percent(p.Cpu),5:0.0} {100.0 * resident / memory.Total,5:0.0} {Time(p.Cpu),9} {p.Name}")),
        ];
    }

    static string Amounts(string what, long total, long free, long other, string name) =>
        $" {what}:{total + "K",10} total,{total - free + "K",10} used,{free + "K",10} free,{other + "K",10} {name}";

    static string Time(TimeSpan t) => string.Create(
        CultureInfo.InvariantCulture, $"{(int)t.TotalMinutes}:{t.Seconds:00}.{t.Milliseconds / 10:00}");
}
