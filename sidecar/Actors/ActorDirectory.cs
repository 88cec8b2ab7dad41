using System.Collections.Concurrent;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Actors;

/// <summary>Which sidecar of this process hosts which actor type: what the runtime's placement service knows.</summary>
sealed class ActorDirectory
{
    readonly ConcurrentDictionary<string, ActorTable> _hosts = new();

    public static ActorDirectory Of(SidecarNeighbourhood neighbourhood) =>
        neighbourhood.Shared("actors", () => new ActorDirectory());

    public ActorTable? Find(string type) => _hosts.GetValueOrDefault(type);

    public void Add(string type, ActorTable host) => _hosts[type] = host;

    public void Remove(string type, ActorTable host) => _hosts.TryRemove(new(type, host));
}
