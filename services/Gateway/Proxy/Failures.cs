using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Yarp.ReverseProxy.Forwarder;

namespace CloudPhone.Gateway.Proxy;

/// <summary>What users are told when a request could not be answered by the service that owns it.</summary>
static class Failures
{
    /// <summary>
    /// 504 for a deadline; 503 for an open breaker, an ill service or an unknown name; 502 for one that can't be
    /// reached. A change that may have been done all the same is a 504 of its own.
    /// </summary>
    public static ProblemHttpResult OfSidecar(string said, string appId, HttpContext http) => said switch
    {
        _ when said.Contains("stream too large", StringComparison.Ordinal) => TooLarge(),
        _ when SidecarErrors.IsDeadline(said) => Unanswered(http, 504, "timeout", NotInTime(appId)),
        _ when SidecarErrors.IsOpenBreaker(said) || SidecarErrors.IsIllApp(said) || SidecarErrors.IsUnresolved(said) =>
            Unavailable(http, $"The {appId} is not available at the moment."),
        _ => Unanswered(http, 502, "unreachable", NotReached(appId)),
    };

    public static ProblemHttpResult OfForwarding(
        ForwarderError error, Exception? cause, string appId, HttpContext http) => error switch
        {
            _ when IsTooLarge(cause) => TooLarge(),
            ForwarderError.RequestTimedOut or ForwarderError.RequestBodyDestination =>
                Unanswered(http, 504, "timeout", NotInTime(appId)),
            ForwarderError.RequestBodyClient =>
                Problems.BadRequest("bad-request", "The body ended before it was whole."),
            _ when cause is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } =>
                Problems.Of(502, "unreachable", NotReached(appId)), // no connection: nothing was sent
            _ => Unanswered(http, 502, "unreachable", NotReached(appId)),
        };

    static bool IsTooLarge(Exception? e) =>
        e is BadHttpRequestException { StatusCode: 413 } || (e?.InnerException is { } inner && IsTooLarge(inner));

    static ProblemHttpResult TooLarge() =>
        Problems.Of(413, "body-too-large", "The body is larger than this route takes.");

    static string NotInTime(string appId) => $"The {appId} did not answer in time.";

    static string NotReached(string appId) => $"The {appId} could not be reached.";

    /// <summary>
    /// Of a change nobody here knows whether it was done: its answer may be what was lost, or an attempt before the
    /// last.
    /// </summary>
    static ProblemHttpResult Unanswered(HttpContext http, int status, string type, string detail) =>
        Forwarder.IsRead(http.Request) ? Problems.Of(status, type, detail)
        : KeyOf(http) is { } key ? Problems.Of(504, "outcome-unknown",
            $"{detail} What was asked for may have been done. {Advice}", ("idempotencyKey", key))
        : Problems.Of(504, "outcome-unknown", $"{detail} What was asked for may have been done.");

    static ProblemHttpResult Unavailable(HttpContext http, string detail) =>
        !Forwarder.IsRead(http.Request) && KeyOf(http) is { } key
            ? Problems.Of(503, "unavailable", $"{detail} {Advice}", ("retryAfterSeconds", 5), ("idempotencyKey", key))
            : Problems.Unavailable("unavailable", detail);

    const string Advice = "Send it again with the Idempotency-Key named here, and it is done once.";

    /// <summary>Null on routes that need no token: nobody's keys are kept there.</summary>
    static string? KeyOf(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null
        && http.Request.Headers[Forwarder.KeyHeader] is [{ Length: > 0 } key] ? key : null;
}
