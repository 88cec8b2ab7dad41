using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.Testing;
using CloudPhone.Testing.Servers;

namespace CloudPhone.Sidecar.Tests.NameResolution.Consul;

/// <summary>
/// A private Consul with the sidecars of a test, each in a neighbourhood of its own: they know each other through
/// Consul alone.
/// </summary>
sealed class ConsulScene : IAsyncDisposable
{
    public const string UseCache = "useCache: true";

    readonly List<IAsyncDisposable> _parts = [];

    ConsulScene(ConsulServer server) => Server = server;

    public ConsulServer Server { get; }

    /// <summary>Without the program the test is skipped.</summary>
    public static async Task<ConsulScene> StartAsync()
    {
        Assert.SkipWhen(ConsulServer.Missing is not null, ConsulServer.Missing ?? "");
        return new(await ConsulServer.StartAsync());
    }

    /// <summary>With a Consul that is not there yet.</summary>
    public static ConsulScene WithoutServer()
    {
        Assert.SkipWhen(ConsulServer.Missing is not null, ConsulServer.Missing ?? "");
        return new(ConsulServer.NotStarted());
    }

    public async Task<RecordingApp> AppAsync()
    {
        var app = await RecordingApp.StartAsync();
        _parts.Add(app);
        return app;
    }

    /// <summary>A sidecar that registers itself; its checks pass at once.</summary>
    /// <param name="more">A field of the component's configuration.</param>
    public async Task<TestSidecar> SidecarAsync(
        string appId, RecordingApp? app, string more = "", SidecarNeighbourhood? neighbourhood = null,
        string interval = "1s", string[]? resources = null, LogLines? log = null)
    {
        var sidecar = await TestSidecar.StartAsync(
            appId, app, resources, Configuration(more, interval), neighbourhood, OnLoopback, log: log);
        _parts.Add(sidecar);
        return sidecar;
    }

    public static SidecarOptions OnLoopback(SidecarOptions options) =>
        options with { Environment = new Dictionary<string, string> { ["DAPR_HOST_IP"] = "127.0.0.1" } };

    public string Configuration(string more = "", string interval = "1s") => Document($$"""
        selfRegister: true
              selfDeregister: true
              tags: [dapr, cloudphone]
              {{more}}
              checks:
                - name: Dapr Health Status
                  checkID: daprHealth:${APP_ID}:${DAPR_HTTP_PORT}
                  interval: {{interval}}
                  timeout: 10s
                  status: passing
                  http: http://${HOST_ADDRESS}:${DAPR_HTTP_PORT}/v1.0/healthz?appid=${APP_ID}
        """);

    /// <param name="settings">Fields of the component's configuration, from the second line on six deep.</param>
    public string Document(string settings) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Configuration
        metadata: {name: appconfig}
        spec:
          nameResolution:
            component: consul
            version: v1
            configuration:
              client: {address: "{{Server.Address}}"}
              {{settings}}
        """;

    /// <summary>How many calls from a sidecar to an app succeed, one after the other.</summary>
    public static async Task<int> GoodCallsAsync(TestSidecar caller, int calls, string path = "x")
    {
        var good = 0;
        for (var i = 0; i < calls; i++)
            good += (await caller.InvokeAsync("device-service", "GET", path)).Status == 200 ? 1 : 0;
        return good;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts.AsEnumerable().Reverse())
            await part.DisposeAsync();
        await Server.DisposeAsync();
    }
}
