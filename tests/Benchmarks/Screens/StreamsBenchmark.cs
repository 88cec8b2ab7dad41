using System.Globalization;
using CloudPhone.Benchmarks.Measuring;

namespace CloudPhone.Benchmarks.Screens;

/// <summary>Videos of 4 Mbit/s at their pace: what of a core they take, and how long a picture is on its way
/// through.</summary>
static class StreamsBenchmark
{
    static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(int rounds)
    {
        using var watchers = new WatchersProcess();
        var rows = new List<string[]>();
        foreach (var (phones, viewers) in new[] { (1, 20), (1, 100), (20, 1) })
        {
            var (shares, times) = (new List<double>(), new List<TimeSpan>());
            for (var round = 0; round <= rounds; round++)
            {
                var (share, measured) = await PlayAsync(watchers, phones, viewers);
                if (round == 0)
                    continue; // it warms up
                shares.Add(share);
                times.AddRange(measured);
            }
            var latencies = new Latencies(times);
            rows.Add([
                $"{phones} x {viewers}", .. new[] { shares.Min(), Median(shares), shares.Max() }.Select(
                    s => s.ToString("0.00", CultureInfo.InvariantCulture)),
                Latencies.Text(latencies.Median), Latencies.Text(latencies.P99),
            ]);
        }
        Table.Write(["phones x viewers", "cores: minimum", "median", "maximum", "picture in, last packet out: p50, ms",
            "p99, ms"], rows);
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    static async Task<(double Share, List<TimeSpan> Times)> PlayAsync(
        WatchersProcess watchers, int phones, int viewers)
    {
        using var hub = WatchersProcess.NewHub();
        var streams = new List<FedStream>();
        for (var i = 0; i < phones; i++)
        {
            streams.Add(await FedStream.StartAsync(hub));
            await watchers.JoinAsync(hub, streams[i].Stream, viewers);
        }
        var times = new List<TimeSpan>[phones];
        var share = await Cpu.ShareAsync(() => Task.WhenAll(streams.Select(async (s, i) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(33.0 * i / phones)); // phones keep no common time
            times[i] = await s.PlayAsync(Length);
        })));
        streams.ForEach(s => s.Dispose());
        return hub.Dropped == 0 ? (share, [.. times.SelectMany(t => t)])
            : throw new InvalidOperationException($"{hub.Dropped} packets had no room; see net.core.wmem_max.");
    }
}
