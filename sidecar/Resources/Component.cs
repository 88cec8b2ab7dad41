namespace CloudPhone.Sidecar.Resources;

/// <summary>A Component resource in scope of this app, its secret and environment references resolved.</summary>
/// <param name="Name">metadata.name</param>
/// <param name="Type">spec.type, like <c>state.in-memory</c></param>
/// <param name="Version">spec.version; "" means v1</param>
/// <param name="Metadata">spec.metadata: what the component is configured with; reports names that the component does
/// not know.</param>
/// <param name="IgnoreErrors">A failing initialisation does not end the sidecar.</param>
/// <param name="File">Where it was read, for messages.</param>
sealed record Component(
    string Name, string Type, string Version, ComponentMetadata Metadata, bool IgnoreErrors, TimeSpan InitTimeout,
    string File);
