using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.Resources;

/// <summary>The resources that are in scope of one app, checked.</summary>
sealed record LoadedResources(
    IReadOnlyList<ComponentSpec> Components, IReadOnlyList<Subscription> Subscriptions, Configuration Configuration,
    IReadOnlyList<ResiliencySpec> Resiliency)
{
    /// <summary>What was passed over as the runtime does it; logged when the components are loaded.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
