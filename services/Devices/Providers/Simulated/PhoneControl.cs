using System.Net;
using System.Text.Json;

namespace CloudPhone.Devices.Providers.Simulated;

/// <summary>Speaks with the control ports of simulated phones, which are for their power.</summary>
sealed class PhoneControl : IDisposable
{
    const string TokenHeader = "X-Phone-Token";
    static readonly TimeSpan ShortLimit = TimeSpan.FromSeconds(2);
    readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null,
        ConnectTimeout = ShortLimit, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <returns>False where this phone doesn't answer; whoever else does at its port is not it.</returns>
    public async Task<bool> AnswersAsync(Guid id, PhoneRun run, string token, CancellationToken ct)
    {
        try
        {
            using var limit = Limit(ct);
            using var response = await SendAsync(HttpMethod.Get, run, "status", token, limit.Token);
            return response.StatusCode == HttpStatusCode.OK
                && (await response.Content.ReadFromJsonAsync<Status>(limit.Token))?.DeviceId == id;
        }
        catch (Exception e) when (IsNoAnswer(e, ct))
        {
            return false;
        }
    }

    /// <returns>False where it did not answer.</returns>
    public async Task<bool> PowerOffAsync(PhoneRun run, string token, CancellationToken ct)
    {
        try
        {
            using var limit = Limit(ct);
            using var response = await SendAsync(HttpMethod.Post, run, "power/off", token, limit.Token);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (IsNoAnswer(e, ct))
        {
            return false;
        }
    }

    async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, PhoneRun run, string path, string token, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, $"http://127.0.0.1:{run.Port}/{path}");
        request.Headers.Add(TokenHeader, token);
        return await _http.SendAsync(request, ct);
    }

    static CancellationTokenSource Limit(CancellationToken ct)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(ct);
        source.CancelAfter(ShortLimit);
        return source;
    }

    static bool IsNoAnswer(Exception e, CancellationToken ct) =>
        e is HttpRequestException or IOException or JsonException or NotSupportedException
        || (e is OperationCanceledException && !ct.IsCancellationRequested);

    public void Dispose() => _http.Dispose();

    sealed record Status(Guid DeviceId);
}
