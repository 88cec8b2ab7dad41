using System.Collections.Concurrent;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Actors.Placement;

/// <summary>Which sidecar of this process hosts which actor type: what the runtime's placement service knows.</summary>
sealed class ActorDirectory
{
    readonly ConcurrentDictionary<string, ActorRouter> _hosts = new();

    public static ActorDirectory Of(SidecarNeighbourhood neighbourhood) =>
        neighbourhood.Shared("actors", () => new ActorDirectory());

    public ActorRouter? Find(string type) => _hosts.GetValueOrDefault(type);

    public void Add(string type, ActorRouter host) => _hosts[type] = host;

    public void Remove(string type, ActorRouter host) => _hosts.TryRemove(new(type, host));
}
