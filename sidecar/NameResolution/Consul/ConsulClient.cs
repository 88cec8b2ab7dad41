using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CloudPhone.Sidecar.NameResolution.Consul;

/// <summary>Consul's HTTP API, as much of it as a sidecar uses.</summary>
sealed class ConsulClient : IDisposable
{
    /// <summary>A local agent answers within milliseconds; longer than this it is taken for away.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    readonly ConsulEndpoint _endpoint;
    readonly HealthQuery _query;
    readonly TimeProvider _time;
    readonly HttpClient _http;

    public ConsulClient(ConsulSettings settings, TimeProvider time)
    {
        (_endpoint, _query, _time) = (settings.Endpoint, settings.Query, time);
        _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null,
            ConnectTimeout = Limit,
        })
        {
            BaseAddress = _endpoint.Address, Timeout = Timeout.InfiniteTimeSpan,
        };
        if (_endpoint.Authorization is { } authorization)
            _http.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(authorization);
    }

    public Uri Address => _endpoint.Address;

    /// <exception cref="ConsulException">Consul can't be reached or refuses.</exception>
    public async Task RegisterAsync(ServiceRegistration service, CancellationToken ct)
    {
        using var request = Request(HttpMethod.Put, "v1/agent/service/register");
        request.Content = JsonContent.Create(service, ConsulJson.Default.ServiceRegistration);
        using var answer = await SendAsync(request, Limit, ct);
    }

    /// <summary>A service that is not there is no error.</summary>
    /// <exception cref="ConsulException">Consul can't be reached or refuses.</exception>
    public async Task DeregisterAsync(string id, CancellationToken ct)
    {
        using var request =
            Request(HttpMethod.Put, $"v1/agent/service/deregister/{Uri.EscapeDataString(id)}");
        using var answer = await SendAsync(request, Limit, ct, HttpStatusCode.NotFound);
    }

    /// <summary>
    /// Waits until what the agent has of a service differs from <paramref name="hash"/>, for the endpoint's wait at
    /// most.
    /// </summary>
    /// <param name="hash">Of the last answer; null: answer at once.</param>
    /// <returns>The hash of what it has now; null: it does not know that service.</returns>
    /// <exception cref="ConsulException">Consul can't be reached or refuses.</exception>
    public async Task<string?> WatchOwnAsync(string id, string? hash, CancellationToken ct)
    {
        var path = $"v1/agent/service/{Uri.EscapeDataString(id)}";
        using var request = Request(HttpMethod.Get, hash is null ? path : $"{path}?hash={hash}&{Wait}");
        using var answer = await SendAsync(
            request, hash is null ? Limit : LongLimit, ct, HttpStatusCode.NotFound);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        return Header(answer, "X-Consul-ContentHash") ?? "";
    }

    /// <summary>The instances of a service whose checks all pass.</summary>
    /// <param name="index">Of the last answer, to wait until something changed; 0: answer at once.</param>
    /// <exception cref="ConsulException">Consul can't be reached or refuses.</exception>
    public async Task<(HealthEntry[] Entries, ulong Index)> HealthyAsync(
        string service, ulong index, CancellationToken ct)
    {
        var path = $"v1/health/service/{Uri.EscapeDataString(service)}?passing=1{_query.Parameters}";
        using var request = Request(HttpMethod.Get, index == 0 ? path : $"{path}&index={index}&{Wait}", _query.Token);
        if (_query.CacheControl is { } cache)
            request.Headers.TryAddWithoutValidation("Cache-Control", cache);
        using var answer = await SendAsync(request, index == 0 ? Limit : LongLimit, ct);
        var entries = await ReadAsync(answer, ConsulJson.Default.HealthEntryArray, ct);
        return (entries, ulong.TryParse(Header(answer, "X-Consul-Index"), out var now) ? now : 0);
    }

    public void Dispose() => _http.Dispose();

    string Wait => string.Create(CultureInfo.InvariantCulture, $"wait={_endpoint.Wait.TotalMilliseconds:0}ms");

    /// <summary>Consul itself adds up to a sixteenth to the wait.</summary>
    TimeSpan LongLimit => _endpoint.Wait + _endpoint.Wait / 16 + Limit;

    HttpRequestMessage Request(HttpMethod method, string path, string? token = null)
    {
        var request = new HttpRequestMessage(method, path);
        if ((token ?? _endpoint.Token) is { Length: > 0 } shown)
            request.Headers.TryAddWithoutValidation("X-Consul-Token", shown);
        return request;
    }

    /// <summary>The whole answer, read within the limit.</summary>
    async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, TimeSpan limit, CancellationToken ct, HttpStatusCode? expected = null)
    {
        using var timeout = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            var answer = await _http.SendAsync(request, either.Token);
            if (answer.IsSuccessStatusCode || answer.StatusCode == expected)
                return answer;
            using (answer)
                throw new ConsulException($"{Name(request)}: unexpected response code: {(int)answer.StatusCode} "
                    + $"({(await answer.Content.ReadAsStringAsync(ct)).Trim()})");
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new ConsulException($"{Name(request)}: no answer within {limit.TotalSeconds:0} s", e);
        }
        catch (HttpRequestException e)
        {
            throw new ConsulException($"{Name(request)}: {e.Message}", e);
        }
    }

    string Name(HttpRequestMessage request) =>
        $"{request.Method} {new Uri(_endpoint.Address, request.RequestUri!).GetLeftPart(UriPartial.Path)}";

    static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken ct)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync(type, ct)
                ?? throw new ConsulException("the answer is null");
        }
        catch (JsonException e)
        {
            throw new ConsulException($"the answer can't be read: {e.Message}", e);
        }
    }

    static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}

/// <summary>Consul can't be reached, or refuses.</summary>
sealed class ConsulException(string message, Exception? inner = null) : Exception(message, inner);
