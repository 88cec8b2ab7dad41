using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Shared.Http;

/// <summary>
/// Adds request id and service token, counts, and falls back to the configured address where the sidecar says that the
/// name could not be resolved: its last attempt was not sent, and a write that an earlier one brought has its key.
/// </summary>
sealed class SiblingHandler(
    ServiceTokens tokens, SiblingAddresses addresses, HttpMessageHandler sidecar, HttpMessageHandler direct)
    : HttpMessageHandler
{
    readonly HttpMessageInvoker _sidecar = new(sidecar);
    readonly HttpMessageInvoker _direct = new(direct);
    /// <summary>Longer than a breaker stays open that such failures have opened.</summary>
    static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);
    static readonly TimeSpan QuestionLimit = TimeSpan.FromSeconds(5);
    /// <summary>When the sidecar last could not resolve a target's name. What another path learns does not take it
    /// back: the breaker of this path stays open.</summary>
    readonly ConcurrentDictionary<string, long> _unresolved = new();
    readonly ConcurrentDictionary<string, Lazy<Task<bool>>> _questions = new();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        var target = request.RequestUri!;
        request.Headers.TryAddWithoutValidation(RequestId.Header, RequestId.Current ?? RequestId.New());
        request.Headers.TryAddWithoutValidation(ServiceTokens.Header, tokens.Current);
        var appId = target.Host.EndsWith(".default", StringComparison.Ordinal) ? target.Host[..^".default".Length]
            : target.Host;
        var watch = Stopwatch.StartNew();
        var status = 0;
        try
        {
            var response = addresses.UseSidecar ? await _sidecar.SendAsync(request, ct) : null;
            if (response is null || (addresses[appId] is not null && await IsUnsentAsync(target.Host, response, ct)))
            {
                response?.Dispose();
                var address = addresses[appId]
                    ?? throw new HttpRequestException(
                        $"There is no address for {appId}: set {SiblingAddresses.Setting(appId)}.");
                request.RequestUri = new(address, target.PathAndQuery);
                request.Headers.Remove("dapr-api-token"); // our sidecar's, and nobody else's business
                response = await _direct.SendAsync(request, ct);
            }
            status = (int)response.StatusCode;
            return response;
        }
        finally
        {
            Telemetry.ClientDuration.Record(
                watch.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("service", appId));
            Telemetry.ClientRequests.Add(
                1, new("service", appId), new("method", request.Method.Method), new("status", status));
        }
    }

    async Task<bool> IsUnsentAsync(string target, HttpResponseMessage response, CancellationToken ct)
    {
        var said = await ErrorAsync(response, ct);
        // failures to resolve count for the breaker, too: one that they have opened only hides them
        if (SidecarErrors.IsInvocationError(said) && SidecarErrors.IsOpenBreaker(said))
            return WasUnresolved(target) || await AskAsync(target, ct);
        return Learn(target, said);
    }

    bool WasUnresolved(string target) =>
        _unresolved.TryGetValue(target, out var at) && Stopwatch.GetElapsedTime(at) < Remembered;

    bool Learn(string target, string said)
    {
        if (!SidecarErrors.IsUnresolved(said))
            return false;
        _unresolved[target] = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>
    /// Why a breaker is open. The runtime keeps one for each path, so a path that nobody else calls is still told. One
    /// asks for all.
    /// </summary>
    async Task<bool> AskAsync(string target, CancellationToken ct)
    {
        var question = _questions.GetOrAdd(target, t => new(() => IsNameUnknownAsync(t)));
        try
        {
            return await question.Value.WaitAsync(ct);
        }
        finally
        {
            _questions.TryRemove(new(target, question));
        }
    }

    async Task<bool> IsNameUnknownAsync(string target)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{target}/health/live");
        using var limit = new CancellationTokenSource(QuestionLimit); // whoever asked first may be gone meanwhile
        try
        {
            using var response = await _sidecar.SendAsync(request, limit.Token);
            return Learn(target, await ErrorAsync(response, limit.Token));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <returns>The sidecar's own words; empty where the answer is the service's.</returns>
    static async Task<string> ErrorAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode != HttpStatusCode.InternalServerError
            || response.Content.Headers.ContentType?.MediaType != "application/json")
            return "";
        await response.Content.LoadIntoBufferAsync(ct);
        return await response.Content.ReadAsStringAsync(ct);
    }

    protected override void Dispose(bool disposing)
    {
        _sidecar.Dispose();
        _direct.Dispose();
        base.Dispose(disposing);
    }
}
