using System.Net.Http.Json;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.SampleService;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>
/// A service and its sidecar as two processes, either of which can die alone. Both have what the platform's run
/// template gives theirs: the same components, policies, configuration and health check.
/// </summary>
sealed class ServicePair(string appId, RealServers servers) : IAsyncDisposable
{
    const string ApiToken = "of the sidecar's API, in tests", AppToken = "of the service, in tests";
    static readonly string Secret = new('k', 48);
    readonly int _port = FreePort.Next(), _api = FreePort.Next(), _grpc = FreePort.Next();
    readonly int _internal = FreePort.Next(), _metrics = FreePort.Next();
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    ServiceProcess? _service, _sidecar;

    public string AppId => appId;

    /// <summary>Where the service is called without any sidecar.</summary>
    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>What the service has written since its last start.</summary>
    public string Log => $"{_service?.Output}\n---- sidecar\n{_sidecar?.Output}";

    public async Task StartServiceAsync(params (string Name, string Value)[] settings)
    {
        _service = ServiceProcess.Start<NotesDb>([
            .. servers.Variables.Select(v => (v.Key, v.Value)), .. settings,
            ("APP_ID", appId), ("ASPNETCORE_URLS", Address.ToString()), ("DAPR_HTTP_PORT", $"{_api}"),
            ("DAPR_API_TOKEN", ApiToken), ("APP_API_TOKEN", AppToken), ("JWT_SECRET", Secret),
            ("CHORE_URL", Address.ToString()), ("Logging__LogLevel__Default", "Warning"),
        ]);
        await UntilAsync($"{appId} to be ready", new(Address, "/health/ready"));
    }

    public async Task StartSidecarAsync()
    {
        string Path(params string[] parts) => System.IO.Path.Combine([Repository.Root, .. parts]);
        _sidecar = ServiceProcess.Start(
        [
            Path("sidecar", "bin", "Debug", "net10.0", "sidecar.dll"), "daprd", "--app-id", appId,
            "--app-port", $"{_port}", "--dapr-http-port", $"{_api}", "--dapr-grpc-port", $"{_grpc}",
            "--dapr-internal-grpc-port", $"{_internal}", "--metrics-port", $"{_metrics}",
            "--resources-path", Path("components"), "--resources-path", Path("dapr-config", "resiliency"),
            "--config", Path("dapr-config", "config.yaml"), "--log-level", "warn",
            "--enable-app-health-check", "--app-health-check-path", "/health/ready",
            "--app-health-probe-interval", "1", "--app-health-probe-timeout", "900", "--app-health-threshold", "5",
        ],
        [
            .. servers.Variables.Select(v => (v.Key, v.Value)),
            ("DAPR_API_TOKEN", ApiToken), ("APP_API_TOKEN", AppToken),
        ]);
        await UntilAsync($"the sidecar of {appId}", new($"http://127.0.0.1:{_api}/v1.0/healthz"));
    }

    public Task KillServiceAsync() => _service!.KillAsync();

    public Task KillSidecarAsync() => _sidecar!.KillAsync();

    /// <summary>As another service would call it; an answer that is no success is an exception.</summary>
    public async Task<HttpContent> PostAsync(string path, object? body = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, path))
        {
            Content = body is null ? null : JsonContent.Create(body),
        };
        request.Headers.Add(ServiceTokens.Header, new TestTokens(Secret).Service("api-gateway"));
        var answer = await _http.SendAsync(request);
        return answer.EnsureSuccessStatusCode().Content;
    }

    /// <summary>Writes a key by the sidecar's state API.</summary>
    public async Task<bool> SaveStateAsync(string key)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"http://127.0.0.1:{_api}/v1.0/state/statestore");
        request.Content = JsonContent.Create(new[] { new { key, value = 1 } });
        request.Headers.Add("dapr-api-token", ApiToken);
        using var answer = await _http.SendAsync(request);
        return answer.IsSuccessStatusCode;
    }

    async Task UntilAsync(string what, Uri healthy)
    {
        await Wait.UntilAsync(what, async () =>
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, healthy);
                request.Headers.Add("dapr-api-token", ApiToken);
                using var answer = await _http.SendAsync(request);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, 60);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _service, _sidecar })
            await (process?.DisposeAsync() ?? ValueTask.CompletedTask);
        _http.Dispose();
    }
}
