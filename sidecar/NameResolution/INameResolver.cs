namespace CloudPhone.Sidecar.NameResolution;

/// <summary>Where an app's sidecar is. Each call may give another instance.</summary>
public interface INameResolver
{
    /// <exception cref="NameNotResolvedException">No healthy instance is known: the request was never sent.</exception>
    Task<PeerAddress> ResolveAsync(string appId, CancellationToken ct);
}

/// <summary>
/// A peer: in this process (<see cref="Local"/> set) or the internal address of another sidecar process.
/// </summary>
public sealed record PeerAddress(string AppId, Uri? Remote, App.AppChannel? Local);

/// <summary>The runtime's words, so that callers that look for them find them.</summary>
public sealed class NameNotResolvedException(string appId)
    : Exception($"no healthy services found with AppID '{appId}'");
