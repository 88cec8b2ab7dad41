namespace CloudPhone.Shared.Http;

/// <summary>Reads the runtime's own error bodies, <c>{"errorCode":"ERR_DIRECT_INVOKE","message":…}</c>.</summary>
public static class SidecarErrors
{
    /// <summary>
    /// The runtime speaks, not the service that was called: the call failed on its way there or back.
    /// </summary>
    public static bool IsInvocationError(string body) => body.Contains("ERR_DIRECT_INVOKE", StringComparison.Ordinal);

    /// <summary>
    /// The name was not resolved: the last attempt never left the sidecar. No other text of the runtime means that. An
    /// attempt before it, which timed out, may have reached the service.
    /// </summary>
    public static bool IsUnresolved(string body) =>
        IsInvocationError(body)
        && (body.Contains("no healthy services found with AppID", StringComparison.Ordinal)
            || body.Contains("failed to query healthy consul services", StringComparison.Ordinal));

    /// <summary>A time-out of the resiliency policies. The target may have done what it was asked.</summary>
    public static bool IsDeadline(string body) =>
        body.Contains("deadline exceeded", StringComparison.OrdinalIgnoreCase);

    /// <summary>A circuit breaker refused, open or with its probe under way: nothing was sent.</summary>
    public static bool IsOpenBreaker(string body) =>
        body.Contains("circuit breaker is open", StringComparison.Ordinal)
            || body.Contains("err: too many requests", StringComparison.Ordinal);

    /// <summary>The target's health checks fail, so its sidecar passes nothing on to it.</summary>
    public static bool IsIllApp(string body) =>
        body.Contains("app is not in a healthy state", StringComparison.Ordinal);
}
