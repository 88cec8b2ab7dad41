using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.State;

/// <summary>Which state store keeps the actors: the one whose metadata says <c>actorStateStore: "true"</c>.</summary>
sealed class ActorStateStore(ComponentRegistry components)
{
    Component? _claimed;

    /// <summary>The component's name; null: there is none.</summary>
    public string? Name => _claimed?.Name;

    public IActorStateStore? Instance => _claimed is null ? null : components.Find<IActorStateStore>(_claimed.Name);

    /// <exception cref="ConfigurationException">Another store is the actor state store already.</exception>
    public void Claim(Component component)
    {
        if (Interlocked.CompareExchange(ref _claimed, component, null) is { } other && other.Name != component.Name)
            throw new ConfigurationException(
                $"{component.File}: component '{component.Name}': detected duplicate actor state store: "
                + $"'{other.Name}' in {other.File} has actorStateStore \"true\" already; leave it on one of them.");
    }
}
