using System.Text.Json;
using CloudPhone.Benchmarks.Events;
using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Benchmarks.Outbox;

/// <summary>
/// What it costs a route that its change is told: the same write with an event and without one. The relay sends and the
/// receipts come back while the route is under load.
/// </summary>
static class OutboxBenchmark
{
    public static async Task RunAsync(int pairs)
    {
        MissingProgramException.ThrowIf(RealServers.Missing);
        Wrk.Require();
        var folder = Directory.CreateTempSubdirectory("cloudphone-benchmark-");
        await using var servers = await RealServers.StartAsync(PostgresSettings.Durable);
        await servers.KeepQueuesOfAsync(AppIds.Devices);
        await using var pair = new ServicePair(AppIds.Devices, servers);
        await pair.StartServiceAsync();
        await pair.StartSidecarAsync();
        try
        {
            var comparison = await new Comparison("writes/s",
                new("with event", () => WriteAsync(folder.FullName, servers, pair, hasEvent: true)),
                new("without", () => WriteAsync(folder.FullName, servers, pair, hasEvent: false))).RunAsync(pairs);
            comparison.WriteRatios(new Ratio("with event / without", "with event", "without", 0.8));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static async Task<double> WriteAsync(string folder, RealServers servers, ServicePair pair, bool hasEvent)
    {
        servers.Run(AppIds.Devices, "TRUNCATE outbox, notes", c => c.ExecuteNonQuery());
        var body = JsonSerializer.Serialize(new { text = "a note", hasEvent });
        var script = Path.Combine(folder, "post.lua");
        await File.WriteAllTextAsync(script, $"""
            wrk.method = "POST"
            wrk.headers["Content-Type"] = "application/json"
            wrk.body = '{body}'
            """);
        var rate = await new Wrk(
            new(pair.Address, "/internal/measured/notes"), [ServicePair.Caller], script).RunAsync();
        // what is still to be sent must not burden the next
        await Wait.UntilAsync("an empty outbox", () => servers.Run(AppIds.Devices,
            "SELECT count(*) FROM outbox WHERE confirmed_at IS NULL", c => (long)c.ExecuteScalar()!) == 0, 120);
        return rate;
    }
}
