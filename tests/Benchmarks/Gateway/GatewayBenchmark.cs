using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Benchmarks.Programs;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Benchmarks.Gateway;

/// <summary>Our gateway, nginx and YARP without anything, in front of the same stub.</summary>
static class GatewayBenchmark
{
    const string Direct = "direct", Nginx = "nginx", Yarp = "bare YARP";
    const string Ours = "gateway", OursDirect = "gateway, USE_CONSUL=false";
    const string Path = "/api/devices/one";
    /// <summary>Of what comes through at most: latencies are measured there.</summary>
    const double Unsaturated = 0.3;

    public static async Task RunAsync(int pairs)
    {
        MissingProgramException.ThrowIf(RealServers.Missing);
        Wrk.Require();
        NginxServer.Find();
        await using var servers = await RealServers.StartAsync();
        var (port, proxyPort) = (FreePort.Next(), FreePort.Next());
        await using var stub = await Background.StartStubAsync(port);
        await using var devices = new SidecarProcess(AppIds.Devices, port, servers);
        await devices.StartAsync();
        await servers.Consul.WaitForAsync(AppIds.Devices, 1);
        await using var gateway = await GatewayProcess.StartAsync(servers, port, withSidecar: true);
        await using var straight = await GatewayProcess.StartAsync(servers, port, withSidecar: false);
        await using var nginx = await NginxServer.StartAsync(port);
        await using var yarp = await Background.StartBareProxyAsync(proxyPort, new($"http://127.0.0.1:{port}"));

        Dictionary<string, Uri> ways = new()
        {
            [Direct] = new($"http://127.0.0.1:{port}{Path}"), [Nginx] = new(nginx.Address, Path),
            [Yarp] = new($"http://127.0.0.1:{proxyPort}{Path}"), [OursDirect] = new(straight.Address, Path),
            [Ours] = new(gateway.Address, Path),
        };
        var comparison = await new Comparison(
            "requests/s", [.. ways.Select(w => new Arm(w.Key, new Wrk(w.Value, [GatewayProcess.User]).RunAsync))])
            .RunAsync(pairs);
        // (ours / direct) / (nginx / direct) within one round
        comparison.WriteRatios(
            new Ratio($"{Nginx} / {Direct}", Nginx, Direct),
            new Ratio($"{OursDirect} / {Nginx}", OursDirect, Nginx, 0.35),
            new Ratio($"{OursDirect} / {Yarp}", OursDirect, Yarp, 0.65),
            new Ratio($"{Ours} / {Nginx}", Ours, Nginx),
            new Ratio($"{Ours} / {Yarp}", Ours, Yarp));
        foreach (var ours in (string[])[OursDirect, Ours])
            await AddedLatency.WriteAsync(
                ways.Where(w => w.Key is Direct or Nginx or Yarp || w.Key == ours).ToDictionary(), Direct,
                (int)(Unsaturated * comparison.Median(ours)), pairs);
        await EchoAsync(port, straight.Address, pairs);
    }

    /// <summary>WebSockets never go through a sidecar.</summary>
    static async Task EchoAsync(int stub, Uri gateway, int pairs)
    {
        const string Path = "/ws/notifications/echo";
        await using var near = await Echo.ConnectAsync(new($"ws://127.0.0.1:{stub}{Path}"));
        await using var far = await Echo.ConnectAsync(new(new UriBuilder(gateway) { Scheme = "ws" }.Uri, Path));
        var comparison = await new Comparison("echoes/s of one WebSocket",
            new(Direct, near.MeasureAsync), new(Ours, far.MeasureAsync)).RunAsync(pairs);
        comparison.WriteRatios(new Ratio($"echo: {Ours} / {Direct}", Ours, Direct, 0.5));
    }
}
