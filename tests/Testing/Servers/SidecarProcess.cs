namespace CloudPhone.Testing.Servers;

/// <summary>
/// A sidecar as a process of its own, with what the platform's run template for real servers gives one: the same
/// components, policies, configuration and health check.
/// </summary>
public sealed class SidecarProcess(string appId, int appPort, RealServers servers) : IAsyncDisposable
{
    public const string ApiToken = "of the sidecar's API, in tests", AppToken = "of the service, in tests";
    readonly int _grpc = FreePort.Next(), _internal = FreePort.Next(), _metrics = FreePort.Next();
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("cloudphone-test-files-");
    ServiceProcess? _process;

    /// <summary>Of its HTTP API.</summary>
    public int Port { get; } = FreePort.Next();

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>What it has written since its last start.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Resident bytes.</summary>
    public long Memory => _process!.Memory;

    /// <summary>Starts it and waits until it serves its API and its app is well.</summary>
    public async Task StartAsync()
    {
        string Path(params string[] parts) => System.IO.Path.Combine([Repository.Root, .. parts]);
        _process = ServiceProcess.Start(
        [
            Repository.Built("sidecar", "sidecar"), "daprd", "--app-id", appId, "--app-port", $"{appPort}",
            "--dapr-http-port", $"{Port}", "--dapr-grpc-port", $"{_grpc}",
            "--dapr-internal-grpc-port", $"{_internal}", "--metrics-port", $"{_metrics}",
            "--resources-path", Path("components"), "--resources-path", Path("dapr-config", "resiliency"),
            "--config", Path("dapr-config", "config.yaml"), "--log-level", "warn",
            "--enable-app-health-check", "--app-health-check-path", "/health/ready",
            "--app-health-probe-interval", "1", "--app-health-probe-timeout", "900", "--app-health-threshold", "5",
        ],
        [
            .. servers.Variables.Select(v => (v.Key, v.Value)),
            ("DAPR_API_TOKEN", ApiToken), ("APP_API_TOKEN", AppToken), ("APP_FILES", _files.FullName),
        ]);
        await Wait.UntilAsync($"the sidecar of {appId}", IsHealthyAsync, 60);
    }

    public Task KillAsync() => _process!.KillAsync();

    /// <summary>Asks its API.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, path)) { Content = body };
        request.Headers.Add("dapr-api-token", ApiToken);
        return await _http.SendAsync(request);
    }

    async Task<bool> IsHealthyAsync()
    {
        try
        {
            using var answer = await SendAsync(HttpMethod.Get, "/v1.0/healthz");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);
        _http.Dispose();
        _files.Delete(recursive: true);
    }
}
