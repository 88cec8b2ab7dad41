using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.NameResolution;

/// <summary>Knows the sidecars of this process, and of others what the neighbourhood was told.</summary>
sealed class NeighbourhoodResolver(SidecarNeighbourhood neighbourhood, AppChannel own) : INameResolver
{
    readonly PeerAddress _own = new(own);

    public ValueTask<PeerAddress> ResolveAsync(string appId, CancellationToken ct) =>
        neighbourhood.Apps.TryGetValue(appId, out var local) ? new(local)
        : neighbourhood.Peers.TryGetValue(appId, out var remote) ? new(new PeerAddress(remote.Authority))
        : throw NameNotResolvedException.NoInstances(appId);

    public Task AnnounceAsync(CancellationToken ct)
    {
        neighbourhood.Apps[own.AppId] = _own;
        return Task.CompletedTask;
    }

    public Task WithdrawAsync()
    {
        neighbourhood.Apps.TryRemove(new(own.AppId, _own));
        return Task.CompletedTask;
    }
}
