using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.App;

/// <summary>
/// The way from the sidecar to its app: one HTTP client, the concurrency limit over all calls (dapr.md 7.8), the app's token,
/// and the refusal of calls while the app is ill.
/// </summary>
public sealed class AppChannel : IDisposable
{
    readonly SidecarOptions _options;
    readonly HttpMessageInvoker _client;
    readonly SemaphoreSlim? _slots;

    public AppChannel(SidecarOptions options)
    {
        _options = options;
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, AutomaticDecompression = System.Net.DecompressionMethods.None,
            MaxConnectionsPerServer = 1024, ConnectTimeout = TimeSpan.FromSeconds(10), ActivityHeadersPropagator = null,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        });
        _slots = options.AppMaxConcurrency > 0 ? new(options.AppMaxConcurrency) : null;
    }

    public string AppId => _options.AppId;
    public bool HasApp => _options.AppPort is not null;
    public Uri BaseAddress => new($"http://{_options.AppChannelAddress}:{_options.AppPort}/");

    /// <summary>What the health check says; true where there is none.</summary>
    public bool IsHealthy { get; set; } = true;

    public void Dispose()
    {
        _client.Dispose();
        _slots?.Dispose();
    }

    /// <summary>Sends with the app's token in place of the caller's; the answer's body is not read yet.</summary>
    /// <exception cref="AppUnavailableException">No app, or an ill one.</exception>
    /// <exception cref="HttpRequestException">The app's port refuses or breaks the connection.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        if (!HasApp)
            throw new AppUnavailableException("app channel is not initialized");
        if (!IsHealthy)
            throw new AppUnavailableException("app is not in a healthy state");
        request.Headers.Remove("dapr-api-token");
        if (_options.AppApiToken is { Length: > 0 } token)
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        if (_slots is null)
            return await _client.SendAsync(request, ct);
        await _slots.WaitAsync(ct);
        try
        {
            return await _client.SendAsync(request, ct);
        }
        finally
        {
            _slots.Release();
        }
    }
}

public sealed class AppUnavailableException(string message) : Exception(message);
