using System.Globalization;
using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Benchmarks.Programs;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Benchmarks.Invocation;

/// <summary>
/// What it costs that services call each other through sidecars: two of them as on real servers, and those of the
/// embedded default, which live in one process.
/// </summary>
static class InvocationBenchmark
{
    const string Direct = "direct", Processes = "two sidecar processes", Embedded = "embedded";

    public static async Task RunAsync(int pairs)
    {
        MissingProgramException.ThrowIf(RealServers.Missing);
        Wrk.Require();
        await using var servers = await RealServers.StartAsync();
        var port = FreePort.Next();
        await using var stub = await Background.StartStubAsync(port);
        await using var caller = new SidecarProcess(AppIds.Devices, port, servers);
        await using var callee = new SidecarProcess(AppIds.Apps, port, servers);
        await Task.WhenAll(caller.StartAsync(), callee.StartAsync());
        await servers.Consul.WaitForAsync(AppIds.Apps, 1);
        await using var embedded = await EmbeddedPair.StartAsync();
        var (callerIdle, calleeIdle) = (caller.Memory, callee.Memory);

        var comparison = await new Comparison("calls/s",
            new(Direct, new Wrk(new($"http://127.0.0.1:{port}/ok"), []).RunAsync),
            new(Processes, Through(caller.Address, SidecarProcess.ApiToken).RunAsync),
            new(Embedded, Through(embedded.Address, embedded.ApiToken).RunAsync)).RunAsync(pairs);
        comparison.WriteRatios(
            new Ratio($"{Processes} / {Direct}", Processes, Direct, 0.17),
            new Ratio($"{Embedded} / {Direct}", Embedded, Direct, 0.25));

        Table.Write(["MB of a sidecar process", "idle", "after load", "target"],
            [Row("caller", callerIdle, caller.Memory), Row("callee", calleeIdle, callee.Memory)]);
    }

    static Wrk Through(Uri sidecar, string token) =>
        new(new(sidecar, $"/v1.0/invoke/{AppIds.Apps}/method/ok"), [("dapr-api-token", token)]);

    static string[] Row(string name, long idle, long after) => [name, Megabytes(idle), Megabytes(after), "under 95"];

    static string Megabytes(long bytes) => (bytes / 1e6).ToString("0", CultureInfo.InvariantCulture);
}
