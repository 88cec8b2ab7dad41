using System.Net.Http.Json;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Testing.Servers;

/// <summary>The sample service and its sidecar as two processes, either of which can die alone.</summary>
public sealed class ServicePair : IAsyncDisposable
{
    static readonly string Secret = new('k', 48);
    readonly int _port = FreePort.Next();
    readonly RealServers _servers;
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    ServiceProcess? _service;

    public ServicePair(string appId, RealServers servers)
    {
        (AppId, _servers) = (appId, servers);
        Sidecar = new(appId, _port, servers);
    }

    public string AppId { get; }
    public SidecarProcess Sidecar { get; }

    /// <summary>Where the service is called without any sidecar.</summary>
    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>What the service has written since its last start.</summary>
    public string Log => $"{_service?.Output}\n---- sidecar\n{Sidecar.Output}";

    public async Task StartServiceAsync(params (string Name, string Value)[] settings)
    {
        _service = ServiceProcess.Start([Repository.Built("tests/SampleService", "SampleService")],
        [
            .. _servers.Variables.Select(v => (v.Key, v.Value)), .. settings,
            ("APP_ID", AppId), ("ASPNETCORE_URLS", Address.ToString()), ("DAPR_HTTP_PORT", $"{Sidecar.Port}"),
            ("DAPR_API_TOKEN", SidecarProcess.ApiToken), ("APP_API_TOKEN", SidecarProcess.AppToken),
            ("JWT_SECRET", Secret), ("Logging__LogLevel__Default", "Warning"),
        ]);
        await Wait.UntilAsync($"{AppId} to be ready", IsReadyAsync, 60);
    }

    public Task StartSidecarAsync() => Sidecar.StartAsync();

    public Task KillServiceAsync() => _service!.KillAsync();

    public Task KillSidecarAsync() => Sidecar.KillAsync();

    /// <summary>The header by which another service calls it.</summary>
    public static (string Name, string Value) Caller =>
        (ServiceTokens.Header, new TestTokens(Secret).Service("api-gateway"));

    /// <summary>As another service would call it; an answer that is no success is an exception.</summary>
    public async Task<HttpContent> PostAsync(string path, object? body = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, path))
        {
            Content = body is null ? null : JsonContent.Create(body),
        };
        request.Headers.Add(Caller.Name, Caller.Value);
        var answer = await _http.SendAsync(request);
        return answer.EnsureSuccessStatusCode().Content;
    }

    /// <summary>Writes a key by the sidecar's state API.</summary>
    public async Task<bool> SaveStateAsync(string key)
    {
        using var answer = await Sidecar.SendAsync(
            HttpMethod.Post, "/v1.0/state/statestore", JsonContent.Create(new[] { new { key, value = 1 } }));
        return answer.IsSuccessStatusCode;
    }

    async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Address, "/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_service?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Sidecar.DisposeAsync();
        _http.Dispose();
    }
}
