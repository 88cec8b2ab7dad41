using System.Net;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.App;

/// <summary>
/// The way from the sidecar to its app: one HTTP client, the concurrency limit over all calls, the app's token,
/// and the refusal of calls while the app is ill.
/// </summary>
sealed class AppChannel : IDisposable
{
    readonly SidecarOptions _options;
    readonly HttpMessageInvoker _client;
    readonly SemaphoreSlim? _slots;
    volatile bool _healthy = true;

    public AppChannel(SidecarOptions options)
    {
        _options = options;
        BaseAddress = new($"http://{options.AppChannelAddress}:{options.AppPort ?? 0}/");
        Authority = BaseAddress.Authority;
        _client = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = 1024, ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        });
        _slots = options.AppMaxConcurrency > 0 ? new(options.AppMaxConcurrency) : null;
    }

    public string AppId => _options.AppId;
    public bool HasApp => _options.AppPort is not null;
    public Uri BaseAddress { get; }

    /// <summary>Host and port of the app.</summary>
    public string Authority { get; }

    /// <summary>What the health check says; true where there is none.</summary>
    public bool IsHealthy { get => _healthy; set => _healthy = value; }

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
        ShowToken(request);
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

    /// <summary>One health probe, beside the concurrency limit; true for an answer of 200 to 299 in time.</summary>
    internal async Task<bool> ProbeAsync(TimeProvider time, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(_options.AppHealthProbeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(BaseAddress, _options.AppHealthCheckPath));
        ShowToken(request);
        try
        {
            using var response = await _client.SendAsync(request, either.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            ct.ThrowIfCancellationRequested();
            return false;
        }
    }

    void ShowToken(HttpRequestMessage request)
    {
        request.Headers.Remove("dapr-api-token");
        if (_options.AppApiToken is { Length: > 0 } token)
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
    }
}

/// <summary>The app was not called: there is none, or it is ill. The message is the runtime's.</summary>
sealed class AppUnavailableException(string message) : Exception(message);
