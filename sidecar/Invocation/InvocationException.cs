namespace CloudPhone.Sidecar.Invocation;

/// <summary>
/// A call that failed before an app answered it; the message is what the caller's error says after <c>err:</c>.
/// </summary>
sealed class InvocationException(string message, Exception? inner = null) : Exception(message, inner)
{
    public const string ErrorCode = "ERR_DIRECT_INVOKE";

    /// <summary>The app id as typed, where the exception leaves the call behind.</summary>
    public string Target { get; init; } = "";

    /// <summary>The other sidecar could not be connected to: nothing was sent.</summary>
    public bool IsPeerUnreachable { get; init; }

    public static InvocationException AppNotReached(string why, Exception? inner = null) =>
        new($"rpc error: code = Internal desc = error invoking app channel: {why}", inner);
}
