using CloudPhone.Benchmarks.Measuring;

namespace CloudPhone.Benchmarks.Gateway;

/// <summary>What each way adds to a request's time, far from saturation.</summary>
static class AddedLatency
{
    static readonly TimeSpan Length = TimeSpan.FromSeconds(3);

    /// <summary>The median of the rounds; every other one goes backwards.</summary>
    /// <param name="ways">By name, the one without a proxy among them.</param>
    /// <param name="perSecond">Requests, which all ways get.</param>
    public static async Task WriteAsync(
        IReadOnlyDictionary<string, Uri> ways, string direct, int perSecond, int rounds)
    {
        var measured = ways.Keys.ToDictionary(w => w, _ => new List<Latencies>());
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add(GatewayProcess.User.Name, GatewayProcess.User.Value);
        for (var round = 0; round <= rounds; round++)
            foreach (var way in round % 2 == 0 ? ways.Keys : ways.Keys.Reverse())
            {
                var latencies = await OpenLoop.RunAsync(perSecond, Length, () => http.GetByteArrayAsync(ways[way]));
                if (round > 0)
                    measured[way].Add(latencies);
            }
        Table.Write([$"ms at {perSecond}/s", "p50", "p99", "added p50", "added p99"], ways.Keys.Select(way =>
        {
            var pairs = measured[way].Zip(measured[direct]).ToList();
            return (string[])[
                way, Median(measured[way].Select(l => l.Median)), Median(measured[way].Select(l => l.P99)),
                Median(pairs.Select(p => p.First.Median - p.Second.Median)),
                Median(pairs.Select(p => p.First.P99 - p.Second.P99)),
            ];
        }));
    }

    static string Median(IEnumerable<TimeSpan> all) => Latencies.Text(new Latencies(all).Median);
}
