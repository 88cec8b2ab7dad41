using System.Globalization;
using CloudPhone.PhoneSimulator.Android;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>
/// <c>dumpsys meminfo</c>, of the phone and of one process. Processes that share all memory have equal parts of it as
/// their PSS, which is what that is for; so their sum is what the phone really takes.
/// </summary>
static class MemoryDump
{
    public static Task<int> RunAsync(ShellContext shell, string[] args)
    {
        var processes = shell.Phone.Processes.List();
        var uptime = (long)shell.Phone.Uptime.TotalMilliseconds;
        List<string> head =
            ["Applications Memory Usage (in Kilobytes):", $"Uptime: {uptime} Realtime: {uptime}", ""];
        var (resident, _) = PhoneMemory.Own();
        if (args.FirstOrDefault(a => !a.StartsWith('-')) is not { } wanted)
            return shell.SayAsync([.. head, .. OfAll(processes, resident)]);
        var found = processes.FirstOrDefault(p => Name(p) == wanted || $"{p.Pid}" == wanted);
        return found is null ? shell.SayAsync($"No process found for: {wanted}")
            : shell.SayAsync([.. head, .. Of(found, resident, resident / processes.Count, processes.Count)]);
    }

    /// <summary>Android's own name for its services.</summary>
    static string Name(AndroidProcess p) => p.Name == ProcessTable.SystemName ? "system" : p.Name;

    static IEnumerable<string> OfAll(List<AndroidProcess> processes, long resident)
    {
        var memory = PhoneMemory.Now();
        IEnumerable<string> By(long each) => processes.Select(p => $"{Amount(each),13}: {Name(p)} (pid {p.Pid})");
        return
        [
            "Total RSS by process:", .. By(resident), "",
            "Total PSS by process:", .. By(resident / processes.Count), "",
            $"Total RAM: {Amount(memory.Total)} (status normal)",
            $" Free RAM: {Amount(memory.Free + memory.Cached)} ({Amount(0),11} cached pss + "
                + $"{Amount(memory.Cached),11} cached kernel + {Amount(memory.Free),11} free)",
            $" Used RAM: {Amount(resident)} ({Amount(resident),11} used pss + {Amount(0),11} kernel)",
        ];
    }

    static IEnumerable<string> Of(AndroidProcess p, long resident, long part, int sharing)
    {
        var gc = GC.GetGCMemoryInfo();
        var (size, used) = (gc.TotalCommittedBytes / 1024, GC.GetTotalMemory(false) / 1024);
        var heap = Math.Min(part, size / sharing);
        string Row(string name, long pss, long rss, string more = "") =>
            $"{name,13} {pss,8} {0,8} {0,8} {0,8} {rss,8}{more}".TrimEnd();
        string Sum(string name, long pss, long rss) => $"{name + ":",21} {pss,8}{rss,31}";
        var heaps = $" {size,8} {used,8} {Math.Max(0, size - used),8}";
        return
        [
            $"** MEMINFO in pid {p.Pid} [{Name(p)}] **",
            "                   Pss  Private  Private  SwapPss      Rss     Heap     Heap     Heap",
            "                 Total    Dirty    Clean    Dirty    Total     Size    Alloc     Free",
            "                ------   ------   ------   ------   ------   ------   ------   ------",
            Row("Dalvik Heap", heap, Math.Min(size, resident), heaps),
            Row("Unknown", part - heap, Math.Max(0, resident - size)),
            Row("TOTAL", part, resident, heaps), "",
            " App Summary",
            "                       Pss(KB)                        Rss(KB)",
            "                        ------                         ------",
            Sum("Java Heap", heap, Math.Min(size, resident)),
            Sum("Unknown", part - heap, Math.Max(0, resident - size)), "",
            $"           TOTAL PSS: {part,8}            TOTAL RSS: {resident,8}      TOTAL SWAP PSS: {0,8}",
        ];
    }

    static string Amount(long kib) => kib.ToString("N0", CultureInfo.InvariantCulture) + "K";
}
