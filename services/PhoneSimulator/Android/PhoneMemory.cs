using System.Diagnostics;
using System.Globalization;

namespace CloudPhone.PhoneSimulator.Android;

/// <summary>Memory that there is, in KiB: as in a container, the host's, or less where that is limited.</summary>
sealed record PhoneMemory(long Total, long Free, long Buffers, long Cached, long SwapTotal, long SwapFree)
{
    const string Limit = "/sys/fs/cgroup/memory.max";

    public static PhoneMemory Now()
    {
        var host = Lines("/proc/meminfo").Select(l => l.Split(':')).Where(l => l.Length == 2)
            .ToDictionary(l => l[0], l => long.TryParse(
                l[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture, out var n)
                ? n : 0);
        long Of(string name) => host.GetValueOrDefault(name);
        var total = Of("MemTotal") is > 0 and var known ? known
            : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024;
        if (long.TryParse(Lines(Limit).FirstOrDefault(), CultureInfo.InvariantCulture, out var limit))
            total = Math.Min(total, limit / 1024);
        return new(total, Math.Min(Of("MemFree"), total), Of("Buffers"), Of("Cached"), Of("SwapTotal"), Of("SwapFree"));
    }

    /// <summary>Of the phone's one process on the host: resident, and of addresses.</summary>
    public static (long Resident, long Virtual) Own()
    {
        using var host = Process.GetCurrentProcess();
        return (host.WorkingSet64 / 1024, host.VirtualMemorySize64 / 1024);
    }

    /// <summary>None where there is no such file, as on another system.</summary>
    static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
