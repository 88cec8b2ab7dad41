using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Shared.Http;

/// <summary>
/// Adds request id and service token, counts, and falls back to the configured address where the sidecar says that the
/// name could not be resolved: then, and only then, the request was surely never sent.
/// </summary>
sealed class SiblingHandler(
    ServiceTokens tokens, SiblingAddresses addresses, HttpMessageHandler sidecar, HttpMessageHandler direct)
    : HttpMessageHandler
{
    readonly HttpMessageInvoker _sidecar = new(sidecar);
    readonly HttpMessageInvoker _direct = new(direct);
    /// <summary>Targets whose name the sidecar could not resolve when it last tried.</summary>
    readonly ConcurrentDictionary<string, bool> _unresolved = new();

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
        var said = "";
        if (response.StatusCode == HttpStatusCode.InternalServerError
            && response.Content.Headers.ContentType?.MediaType == "application/json")
        {
            await response.Content.LoadIntoBufferAsync(ct);
            said = await response.Content.ReadAsStringAsync(ct);
        }
        if (SidecarErrors.IsUnresolved(said))
            return _unresolved[target] = true;
        // failures to resolve count for the breaker, too: one that they have opened only hides them
        if (SidecarErrors.IsInvocationError(said) && SidecarErrors.IsOpenBreaker(said))
            return _unresolved.ContainsKey(target);
        _unresolved.TryRemove(target, out _);
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _sidecar.Dispose();
        _direct.Dispose();
        base.Dispose(disposing);
    }
}
