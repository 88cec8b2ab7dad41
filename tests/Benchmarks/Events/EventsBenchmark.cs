using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Benchmarks.Events;

/// <summary>
/// From the commit in one service to the commit of the handler in another, against the same without any framework.
/// </summary>
static class EventsBenchmark
{
    const int Events = 10_000, PerSecond = 200;
    static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(int pairs)
    {
        MissingProgramException.ThrowIf(RealServers.Missing);
        await using var ours = await EventRig.StartAsync();
        await using var twin = await RawTwin.StartAsync(ours.Servers);
        var comparison = await new Comparison("events/s",
            new("services", () => ours.ThroughputAsync(Events)),
            new("raw client", () => twin.ThroughputAsync(Events))).RunAsync(pairs);
        comparison.WriteRatios(new Ratio("services / raw client", "services", "raw client", 0.25));

        var (slow, fast) = (await LatencyAsync(ours), await LatencyAsync(twin));
        Table.Write(
            [$"ms at {PerSecond}/s", "p50", "p99", "longest"], [Row("services", slow), Row("raw client", fast)]);
    }

    static async Task<Latencies> LatencyAsync(EventRig rig)
    {
        rig.Clear();
        await OpenLoop.RunAsync(PerSecond, Length, () => rig.PublishAsync(1));
        var events = (int)(PerSecond * Length.TotalSeconds);
        await rig.UntilHandledAsync(events);
        await rig.AtRestAsync(events);
        return new(rig.Latencies());
    }

    static async Task<Latencies> LatencyAsync(RawTwin twin)
    {
        await twin.ClearAsync();
        await OpenLoop.RunAsync(PerSecond, Length, twin.PublishAsync);
        await twin.UntilHandledAsync((int)(PerSecond * Length.TotalSeconds));
        return new(await twin.LatenciesAsync());
    }

    static string[] Row(string name, Latencies l) =>
        [name, Latencies.Text(l.Median), Latencies.Text(l.P99), Latencies.Text(l.Longest)];
}
