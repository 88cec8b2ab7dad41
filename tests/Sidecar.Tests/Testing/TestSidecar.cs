using CloudPhone.Sidecar.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Sidecar.Tests.Testing;

/// <summary>A sidecar in this process on free ports, with resources given as YAML texts.</summary>
sealed class TestSidecar : IAsyncDisposable
{
    readonly SidecarServer _server;
    readonly SidecarNeighbourhood? _own;
    readonly string _folder;

    TestSidecar(SidecarServer server, SidecarNeighbourhood? own, string folder)
    {
        (_server, _own, _folder) = (server, own, folder);
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new($"http://127.0.0.1:{server.Options.HttpPort}"), Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public HttpClient Http { get; }
    public SidecarOptions Options => _server.Options;
    public string HttpEndpoint => $"http://127.0.0.1:{Options.HttpPort}";
    public string GrpcEndpoint => $"http://127.0.0.1:{Options.GrpcPort}";

    public async Task<Answer> CallAsync(
        string method, string path, string? body = null, bool chunked = false,
        params (string Name, string Value)[] headers)
    {
        using var request = Answer.Request(HttpEndpoint, method, path, body, chunked, headers);
        return await Answer.OfAsync(await Http.SendAsync(request));
    }

    public Task<Answer> GetAsync(string path) => CallAsync("GET", path);

    public Task<Answer> InvokeAsync(
        string target, string method, string path, string? body = null, bool chunked = false,
        params (string Name, string Value)[] headers) =>
        CallAsync(method, $"/v1.0/invoke/{target}/method/{path}", body, chunked, headers);

    /// <summary>As the runner says it.</summary>
    public void AppEnded() => _server.AppEnded();

    /// <summary>Stops the sidecar as its process's end would.</summary>
    public Task StopAsync() => _server.StopAsync();

    public Task Stopped => _server.Stopped;

    /// <summary>Starts and waits for /v1.0/healthz, unless <paramref name="wait"/> is false.</summary>
    public static async Task<TestSidecar> StartAsync(
        string appId, RecordingApp? app = null, string[]? resources = null, string? config = null,
        SidecarNeighbourhood? neighbourhood = null, Func<SidecarOptions, SidecarOptions>? with = null, bool wait = true,
        LogLines? log = null)
    {
        var folder = Directory.CreateTempSubdirectory("sidecar-test-").FullName;
        for (var i = 0; i < (resources?.Length ?? 0); i++)
            await File.WriteAllTextAsync(Path.Combine(folder, $"r{i:00}.yaml"), resources![i]);
        string? configPath = null;
        if (config is not null)
        {
            configPath = Path.Combine(Directory.CreateTempSubdirectory("sidecar-config-").FullName, "config.yaml");
            await File.WriteAllTextAsync(configPath, config);
        }
        var options = new SidecarOptions
        {
            AppId = appId,
            AppPort = app?.Port,
            HttpPort = FreePort.Next(),
            GrpcPort = FreePort.Next(),
            InternalGrpcPort = FreePort.Next(),
            MetricsPort = FreePort.Next(),
            LogLevel = LogLevel.Error,
            ListenAddresses = ["127.0.0.1"],
            ResourcesPaths = [folder],
            ConfigPath = configPath,
        };
        var own = neighbourhood is null ? new SidecarNeighbourhood() : null;
        var sidecar = new TestSidecar(new(
            with?.Invoke(options) ?? options, neighbourhood ?? own!, log is null ? null : new LoggerFactory([log])), own, folder);
        await sidecar._server.StartAsync(CancellationToken.None);
        if (wait)
            await Wait.UntilAsync($"sidecar of {appId}",
                async () => (await sidecar.GetAsync("/v1.0/healthz")).Status == 204);
        return sidecar;
    }

    public static string Component(string name, string type, params (string Name, string Value)[] metadata) =>
        $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\nspec:\n"
        + $"  type: {type}\n  version: v1\n"
        + (metadata.Length == 0 ? "  metadata: []\n" : "  metadata:\n")
        + string.Concat(metadata.Select(m => $"    - name: {m.Name}\n      value: \"{m.Value}\"\n"));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        if (_own is not null)
            await _own.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
