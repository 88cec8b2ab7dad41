using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Yarp.ReverseProxy.Forwarder;

namespace CloudPhone.Gateway.Proxy;

/// <summary>What users are told when a request could not be answered by the service that owns it.</summary>
static class Failures
{
    /// <summary>
    /// 504 for a deadline; 503 for an open breaker, an ill service or an unknown name; 502 for one that can't be
    /// reached.
    /// </summary>
    public static ProblemHttpResult OfSidecar(string said, string appId) => said switch
    {
        _ when said.Contains("stream too large", StringComparison.Ordinal) => TooLarge(),
        _ when SidecarErrors.IsDeadline(said) => Timeout(appId),
        _ when SidecarErrors.IsOpenBreaker(said) || SidecarErrors.IsIllApp(said) || SidecarErrors.IsUnresolved(said) =>
            Problems.Unavailable("unavailable", $"The {appId} is not available at the moment."),
        _ => Unreachable(appId),
    };

    public static ProblemHttpResult OfForwarding(ForwarderError error, Exception? cause, string appId) => error switch
    {
        _ when IsTooLarge(cause) => TooLarge(),
        ForwarderError.RequestTimedOut or ForwarderError.RequestBodyDestination => Timeout(appId),
        ForwarderError.RequestBodyClient => Problems.BadRequest("bad-request", "The body ended before it was whole."),
        _ => Unreachable(appId),
    };

    static bool IsTooLarge(Exception? e) =>
        e is BadHttpRequestException { StatusCode: 413 } || (e?.InnerException is { } inner && IsTooLarge(inner));

    static ProblemHttpResult TooLarge() =>
        Problems.Of(413, "body-too-large", "The body is larger than this route takes.");

    static ProblemHttpResult Timeout(string appId) =>
        Problems.Of(504, "timeout", $"The {appId} did not answer in time.");

    static ProblemHttpResult Unreachable(string appId) =>
        Problems.Of(502, "unreachable", $"The {appId} could not be reached.");
}
