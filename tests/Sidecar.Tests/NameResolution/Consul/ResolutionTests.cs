using System.Diagnostics;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.NameResolution.Consul;

/// <summary>Which instances calls go to, asked for each time (no field) and followed with useCache.</summary>
public sealed class ResolutionTests
{
    const string Each = "";

    [Theory]
    [InlineData(Each)]
    [InlineData(ConsulScene.UseCache)]
    public async Task Instances_share_the_calls_and_one_that_ends_takes_no_more(string mode)
    {
        await using var scene = await ConsulScene.StartAsync();
        var (one, other) = (await scene.AppAsync(), await scene.AppAsync());
        await scene.SidecarAsync("device-service", one);
        var caller = await scene.SidecarAsync("api-gateway", await scene.AppAsync(), mode);
        Assert.Equal(1, await ConsulScene.GoodCallsAsync(caller, 1));

        var second = await scene.SidecarAsync("device-service", other);
        await Wait.UntilAsync("calls to the new one", async () =>
            await ConsulScene.GoodCallsAsync(caller, 1, "new") == 1 && other.Requests("/new").Count > 0);
        Assert.Equal(60, await ConsulScene.GoodCallsAsync(caller, 60, "shared"));
        Assert.InRange(one.Requests("/shared").Count, 10, 50);

        await second.StopAsync();
        await scene.Server.WaitForAsync("device-service", 1);
        Assert.Equal(20, await ConsulScene.GoodCallsAsync(caller, 20, "after"));
    }

    [Fact]
    public async Task A_dead_instance_that_still_passes_is_avoided_after_one_failed_call()
    {
        await using var scene = await ConsulScene.StartAsync();
        await scene.SidecarAsync("device-service", await scene.AppAsync(), interval: "60s");
        var caller = await scene.SidecarAsync(
            "api-gateway", await scene.AppAsync(), ConsulScene.UseCache, resources: [OneTry]);
        await using var ghost = await TestSidecar.StartAsync(
            "device-service", await scene.AppAsync(), with: ConsulScene.OnLoopback, config: scene.Document("""
                advancedRegistration:
                        name: device-service
                        id: ghost
                        address: 127.0.0.1
                        check: {name: c, interval: 60s, status: passing, http: "http://127.0.0.1:${DAPR_HTTP_PORT}"}
                """));
        await scene.Server.WaitForAsync("device-service", 2);
        await ghost.StopAsync();

        Assert.InRange(await ConsulScene.GoodCallsAsync(caller, 40), 39, 40);
    }

    [Theory]
    [InlineData(Each)]
    [InlineData(ConsulScene.UseCache)]
    public async Task While_Consul_is_away_calls_go_on_and_nobody_notices_its_return_without_data(string mode)
    {
        await using var scene = await ConsulScene.StartAsync();
        await scene.SidecarAsync("device-service", await scene.AppAsync());
        var caller = await scene.SidecarAsync("api-gateway", await scene.AppAsync(), mode);
        Assert.Equal(1, await ConsulScene.GoodCallsAsync(caller, 1));

        await scene.Server.StopAsync(loseData: true);
        Assert.Equal(5, await ConsulScene.GoodCallsAsync(caller, 5));
        Assert.Equal(204, (await caller.GetAsync("/v1.0/healthz")).Status);

        var back = scene.Server.StartAgainAsync();
        var calls = 0;
        while (!back.IsCompleted || await scene.Server.PassingAsync("device-service") == 0)
        {
            calls++;
            Assert.Equal(1, await ConsulScene.GoodCallsAsync(caller, 1));
        }
        await back;
        Assert.True(calls > 0);
    }

    [Fact]
    public async Task A_frozen_Consul_does_not_hold_up_calls_that_are_followed()
    {
        await using var scene = await ConsulScene.StartAsync();
        await scene.SidecarAsync("device-service", await scene.AppAsync());
        var caller = await scene.SidecarAsync("api-gateway", await scene.AppAsync(), ConsulScene.UseCache);
        Assert.Equal(1, await ConsulScene.GoodCallsAsync(caller, 1));

        await scene.Server.FreezeAsync();
        var watch = Stopwatch.StartNew();
        Assert.Equal(20, await ConsulScene.GoodCallsAsync(caller, 20));
        var unknown = await caller.InvokeAsync("user-service", "GET", "x");
        await scene.Server.ThawAsync();

        Assert.Contains("failed to query healthy consul services: ", unknown.Message, StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
    }

    [Theory]
    [InlineData(Each)]
    [InlineData(ConsulScene.UseCache)]
    public async Task A_name_that_nobody_has(string mode)
    {
        await using var scene = await ConsulScene.StartAsync();
        var caller = await scene.SidecarAsync("api-gateway", await scene.AppAsync(), mode);

        var answer = await caller.InvokeAsync("nobody", "GET", "x");

        Assert.Equal((500, "ERR_DIRECT_INVOKE",
            "failed to invoke, id: nobody, err: no healthy services found with AppID 'nobody'"),
            (answer.Status, answer.ErrorCode, answer.Message));
    }

    [Fact]
    public async Task An_instance_in_the_same_process_is_called_directly_and_the_others_all_the_same()
    {
        await using var scene = await ConsulScene.StartAsync();
        await using var neighbourhood = new SidecarNeighbourhood();
        var (near, far) = (await scene.AppAsync(), await scene.AppAsync());
        var callee = await scene.SidecarAsync("device-service", near, neighbourhood: neighbourhood);
        var outside = await scene.SidecarAsync("device-service", far);
        var caller = await scene.SidecarAsync(
            "api-gateway", await scene.AppAsync(), ConsulScene.UseCache, neighbourhood);
        await scene.Server.WaitForAsync("device-service", 2);

        Assert.Equal(40, await ConsulScene.GoodCallsAsync(caller, 40));

        Assert.InRange(near.Requests("/x").Count, 5, 35);
        Assert.Equal(40, near.Requests("/x").Count + far.Requests("/x").Count);
        Assert.Equal("api-gateway", near.Requests("/x")[0].Headers["dapr-caller-app-id"]);
        Assert.Equal((0, far.Requests("/x").Count), (await ReceivedAsync(callee), await ReceivedAsync(outside)));
    }

    const string OneTry = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: {name: cloudphone}
        spec:
          policies: {timeouts: {t: 5s}}
          targets: {apps: {device-service: {timeout: t}}}
        """;

    /// <summary>Calls that came in at a sidecar's internal port.</summary>
    static async Task<int> ReceivedAsync(TestSidecar sidecar)
    {
        const string Received = "dapr_runtime_service_invocation_req_recv_total{";
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync($"http://127.0.0.1:{sidecar.Options.MetricsPort}/");
        return metrics.Split('\n').Where(l => l.StartsWith(Received, StringComparison.Ordinal))
            .Sum(l => int.Parse(l.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
