namespace CloudPhone.Shared.Http;

/// <summary>Reads the runtime's own error bodies, <c>{"errorCode":"ERR_DIRECT_INVOKE","message":…}</c>.</summary>
public static class SidecarErrors
{
    public static bool IsInvocationError(string body) => body.Contains("ERR_DIRECT_INVOKE", StringComparison.Ordinal);

    /// <summary>
    /// The name was not resolved: the request never left the sidecar. No other text of the runtime means that.
    /// </summary>
    public static bool IsUnresolved(string body) =>
        IsInvocationError(body)
        && (body.Contains("no healthy services found with AppID", StringComparison.Ordinal)
            || body.Contains("failed to query healthy consul services", StringComparison.Ordinal));

    public static bool IsDeadline(string body) =>
        body.Contains("deadline exceeded", StringComparison.OrdinalIgnoreCase);

    public static bool IsOpenBreaker(string body) =>
        body.Contains("circuit breaker is open", StringComparison.Ordinal)
            || body.Contains("err: too many requests", StringComparison.Ordinal);

    public static bool IsIllApp(string body) =>
        body.Contains("app is not in a healthy state", StringComparison.Ordinal);
}
