namespace CloudPhone.Sidecar.NameResolution;

/// <summary>Where an app's sidecar is. Each call may give another instance.</summary>
interface INameResolver
{
    /// <exception cref="NameNotResolvedException">No healthy instance is known: the request was never sent.</exception>
    ValueTask<PeerAddress> ResolveAsync(string appId, CancellationToken ct);

    /// <summary>This sidecar's ports are open: from now on others may find it.</summary>
    /// <remarks>A registry that can't be reached is tried again in the background.</remarks>
    Task AnnounceAsync(CancellationToken ct);

    /// <summary>This sidecar ends: calls are to go elsewhere. Never throws.</summary>
    Task WithdrawAsync();
}

/// <summary>
/// The name can't be resolved now; the message is the runtime's, so that callers that look for it find it.
/// </summary>
sealed class NameNotResolvedException(string message, Exception? inner = null) : Exception(message, inner)
{
    public static NameNotResolvedException NoInstances(string appId) =>
        new($"no healthy services found with AppID '{appId}'");
}
