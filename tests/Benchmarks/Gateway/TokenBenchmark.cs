using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Benchmarks.Programs;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Benchmarks.Gateway;

/// <summary>
/// What the check of a token costs: one path that is open to everybody, with a token, and with the same text in a
/// header that nobody looks at.
/// </summary>
static class TokenBenchmark
{
    const string With = "with a token", Without = "without";

    public static async Task RunAsync(int pairs)
    {
        MissingProgramException.ThrowIf(RealServers.Missing);
        Wrk.Require();
        await using var servers = await RealServers.StartAsync();
        var port = FreePort.Next();
        await using var stub = await Background.StartStubAsync(port);
        await using var gateway = await GatewayProcess.StartAsync(servers, port, withSidecar: false);
        var address = new Uri(gateway.Address, $"/api/billing/sandbox/pay/{Guid.NewGuid()}");
        var comparison = await new Comparison("requests/s",
            new(Without, new Wrk(address, [("X-Text", GatewayProcess.User.Value)]).RunAsync),
            new(With, new Wrk(address, [GatewayProcess.User]).RunAsync)).RunAsync(pairs);
        comparison.WriteRatios(new Ratio($"{With} / {Without}", With, Without, 0.9));
    }
}
