using System.Text;
using CloudPhone.Sidecar.Actors.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CloudPhone.Sidecar.Actors.Placement;

/// <summary>
/// What another host of the same actors calls at the internal port. What is not the app's answer is marked by a header
/// that no app's answer keeps.
/// </summary>
sealed class ActorPeerEndpoint(ActorRouter router)
{
    public const string CallHeader = "dapr-actor-call", ErrorHeader = "dapr-actor-error";
    const string NotHosted = "not-hosted", Failed = "failed", Away = "app-away";

    /// <summary>Calls of services always say which app they are for.</summary>
    public static bool IsFor(HttpRequest request) =>
        request.Headers.ContainsKey(CallHeader) && !request.Headers.ContainsKey(Invocation.Forwarding.Callee);

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            var call = await ReadAsync(http);
            var answer = await router.CallHereAsync(call, http.RequestAborted);
            await new ActorContent(answer with
            {
                Headers = [.. answer.Headers.Where(h =>
                    !h.Key.Equals(ErrorHeader, StringComparison.OrdinalIgnoreCase))],
            }).ExecuteAsync(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            http.Response.Headers[ErrorHeader] = e switch
            {
                ActorNotHostedException => NotHosted,
                HttpRequestException or App.AppUnavailableException => Away,
                _ => Failed,
            };
            await http.Response.WriteAsync(e.Message, http.RequestAborted);
        }
    }

    public static Exception ToException(ActorKey actor, string kind, byte[] body)
    {
        var message = Encoding.UTF8.GetString(body);
        return kind switch
        {
            NotHosted => new ActorNotHostedException(actor, message),
            Away => new App.AppUnavailableException(message),
            _ => new ActorFailedException(message),
        };
    }

    static async Task<ActorCall> ReadAsync(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var parts = target.Split('/', 6);
        if (parts is not ["", "actors", var type, var id, "method", var method])
            throw new ActorFailedException($"no call of an actor: {target}");
        var headers = http.Request.Headers
            .Where(h => ActorHeaders.PassesOn(h.Key)
                && !h.Key.Equals(CallHeader, StringComparison.OrdinalIgnoreCase))
            .SelectMany(h => h.Value, (h, v) => KeyValuePair.Create(h.Key, v ?? ""));
        return new(
            ActorKey.Of(Uri.UnescapeDataString(type), Uri.UnescapeDataString(id)), method,
            await ActorRequest.ReadBodyAsync(http.Request, http.RequestAborted), [.. headers],
            Nests: http.Request.Headers[CallHeader] == "method");
    }
}
