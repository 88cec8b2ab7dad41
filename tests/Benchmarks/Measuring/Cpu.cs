using System.Diagnostics;

namespace CloudPhone.Benchmarks.Measuring;

/// <summary>This process's processor time, the kernel's work for it included.</summary>
static class Cpu
{
    public static TimeSpan Used => Environment.CpuUsage.TotalTime;

    /// <summary>Does something again and again.</summary>
    /// <returns>What it used.</returns>
    public static TimeSpan Measure(TimeSpan length, Action work)
    {
        var (used, start) = (Used, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(start) < length)
            for (var i = 0; i < 100; i++) // looking at the clock is not what is measured
                work();
        return Used - used;
    }

    /// <returns>How much of one core was used meanwhile.</returns>
    public static async Task<double> ShareAsync(Func<Task> work)
    {
        var (used, start) = (Used, Stopwatch.GetTimestamp());
        await work();
        return (Used - used) / Stopwatch.GetElapsedTime(start);
    }
}
