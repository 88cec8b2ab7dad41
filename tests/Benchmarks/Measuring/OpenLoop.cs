using System.Diagnostics;
using System.Globalization;

namespace CloudPhone.Benchmarks.Measuring;

/// <summary>
/// Work that begins at a constant rate, whatever became of what began before: a slow answer makes nobody wait with the
/// next, so what users would feel is in the figures.
/// </summary>
static class OpenLoop
{
    public static async Task<Latencies> RunAsync(int perSecond, TimeSpan length, Func<Task> work)
    {
        var count = (int)(perSecond * length.TotalSeconds);
        var running = new Task<TimeSpan>[count];
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond);
            var early = due - Stopwatch.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
                await Task.Delay(early);
            running[i] = MeasureAsync(work);
        }
        return new(await Task.WhenAll(running));
    }

    static async Task<TimeSpan> MeasureAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start);
    }
}

/// <summary>The distribution of what was waited for.</summary>
sealed class Latencies(IEnumerable<TimeSpan> all)
{
    readonly TimeSpan[] _sorted = [.. all.Order()];

    public TimeSpan Median => At(0.5);

    public TimeSpan P99 => At(0.99);

    public TimeSpan Longest => _sorted[^1];

    public static string Text(TimeSpan t) => t.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);

    TimeSpan At(double share) => _sorted[(int)(share * (_sorted.Length - 1))];
}
