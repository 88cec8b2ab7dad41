using System.Collections.Concurrent;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <param name="ExpiresMessages">The broker itself drops messages that are too old.</param>
sealed record PubSubComponent(string Name, IPubSub Broker, TopicScopes Scopes, bool ExpiresMessages);

/// <summary>This sidecar's pub/sub components with what the block itself reads of their metadata.</summary>
sealed class PubSubComponents(ComponentRegistry registry, SidecarOptions options)
{
    /// <summary>A component type's capability, as daprd names it.</summary>
    public const string MessageTtl = "MESSAGE_TTL";

    readonly ConcurrentDictionary<string, PubSubComponent> _known = new();

    public IEnumerable<PubSubComponent> All => registry.OfType<IPubSub>().Select(c => Find(c.Component.Name)!);

    public PubSubComponent? Find(string name)
    {
        if (_known.TryGetValue(name, out var known))
            return known;
        foreach (var (component, type, instance) in registry.All)
            if (component.Name == name && instance is IPubSub broker)
                return _known[name] = new(
                    name, broker, TopicScopes.Read(component.Metadata, options.AppId),
                    type.Capabilities.Contains(MessageTtl));
        return null;
    }
}
