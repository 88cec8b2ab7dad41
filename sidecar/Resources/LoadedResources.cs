namespace CloudPhone.Sidecar.Resources;

/// <summary>The resources that are in scope of one app, checked.</summary>
public sealed record LoadedResources(
    IReadOnlyList<ComponentSpec> Components, IReadOnlyList<Subscription> Subscriptions, Configuration Configuration,
    IReadOnlyList<ResiliencySpec> Resiliency);

public sealed record ComponentSpec(string Name);

public sealed record ResiliencySpec(string Name);
