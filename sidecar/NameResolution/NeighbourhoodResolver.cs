using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.NameResolution;

/// <summary>Knows the sidecars of this process, and of others what the neighbourhood was told.</summary>
sealed class NeighbourhoodResolver(SidecarNeighbourhood neighbourhood) : INameResolver
{
    public Task<PeerAddress> ResolveAsync(string appId, CancellationToken ct) =>
        neighbourhood.Apps.TryGetValue(appId, out var local) ? Task.FromResult(new PeerAddress(appId, null, local))
        : neighbourhood.Peers.TryGetValue(appId, out var remote) ? Task.FromResult(new PeerAddress(appId, remote, null))
        : Task.FromException<PeerAddress>(new NameNotResolvedException(appId));
}
