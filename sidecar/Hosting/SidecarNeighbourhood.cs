using System.Collections.Concurrent;
using CloudPhone.Sidecar.NameResolution;

namespace CloudPhone.Sidecar.Hosting;

/// <summary>
/// What the sidecars of one process share: who is there, and things that exist once, like an embedded broker's
/// file.
/// </summary>
sealed class SidecarNeighbourhood : IAsyncDisposable
{
    readonly ConcurrentDictionary<object, Lazy<object>> _shared = new();

    /// <summary>Apps by their id, of sidecars that run in this process.</summary>
    public ConcurrentDictionary<string, PeerAddress> Apps { get; } = new();

    /// <summary>
    /// The same by the host and internal port that a registry outside knows them by, where there is one.
    /// </summary>
    public ConcurrentDictionary<string, PeerAddress> Instances { get; } = new();

    /// <summary>Internal addresses by app id, of sidecars that run in other processes.</summary>
    public ConcurrentDictionary<string, Uri> Peers { get; } = new();

    /// <summary>The one instance for that key, made at first use and disposed with the process.</summary>
    public T Shared<T>(object key, Func<T> make) where T : class =>
        (T)_shared.GetOrAdd((typeof(T), key), _ => new(() => make())).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var s in _shared.Values.Where(s => s.IsValueCreated))
            if (s.Value is IAsyncDisposable a) await a.DisposeAsync();
            else (s.Value as IDisposable)?.Dispose();
    }
}
