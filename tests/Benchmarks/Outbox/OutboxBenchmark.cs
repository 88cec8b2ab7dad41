using System.Text.Json;
using CloudPhone.Benchmarks.Events;
using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Benchmarks.Outbox;

/// <summary>
/// What it costs a route that its change is told: the same write with an event and without one. First by itself, the
/// row in the same transaction, with nobody there who would take it; then as a whole: relay, sidecar and broker send,
/// and the receipts come back, on the processors that the route could have used.
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
        try
        {
            await CompareAsync("the write by itself", isWhole: false);
            await pair.StartSidecarAsync();
            await CompareAsync("with relay, broker and receipts", isWhole: true);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task CompareAsync(string what, bool isWhole)
        {
            var comparison = await new Comparison("writes/s",
                new("with event", () => WriteAsync(folder.FullName, servers, pair, hasEvent: true, isWhole)),
                new("without", () => WriteAsync(folder.FullName, servers, pair, hasEvent: false, isWhole)))
                .RunAsync(pairs);
            comparison.WriteRatios(new Ratio($"{what}: with event / without", "with event", "without", 0.8));
        }
    }

    static async Task<double> WriteAsync(
        string folder, RealServers servers, ServicePair pair, bool hasEvent, bool isWhole)
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
        if (isWhole) // what is still to be sent must not burden the next
            await Wait.UntilAsync("an empty outbox", () => servers.Run(AppIds.Devices,
                "SELECT count(*) FROM outbox WHERE confirmed_at IS NULL", c => (long)c.ExecuteScalar()!) == 0, 120);
        return rate;
    }
}
