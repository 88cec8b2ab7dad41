using System.Globalization;
using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Testing;

namespace CloudPhone.Benchmarks.Logins;

/// <summary>
/// What everybody else feels of a storm of logins with wrong passwords, from as many addresses, so that no limit of one
/// address holds it back: hashing all of them would take all cores.
/// </summary>
static class LoginStormBenchmark
{
    const int ReadsPerSecond = 100, GuessesPerSecond = 200;
    const double Limit = 2;
    static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(int rounds)
    {
        MissingProgramException.ThrowIf(PostgresServer.Missing);
        await using var service = await UserService.StartAsync();
        var (calm, stormy) = (new List<Latencies>(), new List<Latencies>());
        for (var round = 0; round <= rounds; round++)
            foreach (var isStorm in round % 2 == 0 ? (bool[])[false, true] : [true, false])
            {
                var storm = isStorm ? OpenLoop.RunAsync(GuessesPerSecond, Length, service.GuessAsync)
                    : Task.CompletedTask;
                var reads = await OpenLoop.RunAsync(ReadsPerSecond, Length, service.ReadAsync);
                await storm;
                if (round > 0) // the first warms up
                    (isStorm ? stormy : calm).Add(reads);
            }
        Table.Write([$"ms, {ReadsPerSecond} reads/s", "p50", "p99", "longest"],
            [Row("without", calm), Row($"with {GuessesPerSecond} logins/s", stormy)]);
        var ratios = stormy.Zip(calm, (s, c) => s.P99 / c.P99).Order().ToList();
        Table.Write(["p99 with / without", "minimum", "median", "maximum", "at most"],
            [["logins", .. new[] { ratios[0], ratios[ratios.Count / 2], ratios[^1], Limit }.Select(r =>
                r.ToString("0.00", CultureInfo.InvariantCulture))]]);
    }

    static string[] Row(string name, List<Latencies> rounds) =>
    [
        name, Median(rounds.Select(l => l.Median)), Median(rounds.Select(l => l.P99)),
        Median(rounds.Select(l => l.Longest)),
    ];

    static string Median(IEnumerable<TimeSpan> all) => Latencies.Text(new Latencies(all).Median);
}
