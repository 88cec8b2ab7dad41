using System.Collections.Concurrent;
using CloudPhone.Sidecar.App;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.NameResolution.Consul;

/// <summary>
/// Healthy instances from Consul: asked for with each call, or followed with <c>useCache</c>. While Consul does not
/// answer, its last answer holds.
/// </summary>
sealed class ConsulResolver(
    ConsulSettings settings, ConsulClient consul, ConsulRegistration registration, SidecarNeighbourhood neighbourhood,
    AppChannel own, TimeProvider time, ILogger<ConsulResolver> log) : INameResolver, IAsyncDisposable
{
    readonly PeerAddress _own = new(own);
    readonly CancellationTokenSource _ending = new();

    /// <summary>
    /// Only of apps that had an instance once: names are up to the caller and would grow without end.
    /// </summary>
    readonly ConcurrentDictionary<string, AppInstances> _apps = new();

    public ValueTask<PeerAddress> ResolveAsync(string appId, CancellationToken ct)
    {
        var resolved = _apps.TryGetValue(appId, out var app) ? app.PickAsync(ct) : new(FirstAsync(appId, ct));
        return resolved.IsCompletedSuccessfully ? new(OrLocal(resolved.Result)) : OrLocalAsync(resolved);
    }

    public async Task AnnounceAsync(CancellationToken ct)
    {
        neighbourhood.Instances[settings.OwnAuthority] = _own;
        await registration.StartAsync(ct);
    }

    public async Task WithdrawAsync()
    {
        await registration.StopAsync();
        neighbourhood.Instances.TryRemove(new(settings.OwnAuthority, _own));
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_apps.Values.Select(a => a.Watching));
        _ending.Dispose();
    }

    async Task<PeerAddress> FirstAsync(string appId, CancellationToken ct)
    {
        var app = new AppInstances(appId, settings, consul, time, log);
        var first = await app.PickAsync(ct);
        if (_apps.TryAdd(appId, app) && settings.UseCache)
            app.Watch(_ending.Token);
        return first;
    }

    async ValueTask<PeerAddress> OrLocalAsync(ValueTask<PeerAddress> resolved) => OrLocal(await resolved);

    /// <summary>That very instance may live in this process, and is then called without a detour.</summary>
    PeerAddress OrLocal(PeerAddress instance) =>
        neighbourhood.Instances.TryGetValue(instance.Authority, out var local) ? local : instance;
}
