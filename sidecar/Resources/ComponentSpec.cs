namespace CloudPhone.Sidecar.Resources;

/// <summary>A Component resource as it is written; secret and environment references are resolved when it is
/// created.</summary>
/// <param name="SecretStore">auth.secretStore: where secretKeyRef looks.</param>
sealed record ComponentSpec(
    string Name, string Type, string Version, IReadOnlyList<MetadataItem> Metadata, string? SecretStore,
    bool IgnoreErrors, TimeSpan InitTimeout, string File)
{
    public bool NeedsSecrets => Metadata.Any(m => m.Secret is not null);
}

/// <summary>One entry of spec.metadata: exactly one of a value, a secret's name and key, or an environment
/// variable.</summary>
sealed record MetadataItem(string Name, string? Value, SecretKeyRef? Secret, string? EnvironmentVariable);

/// <summary>A secret of the store that auth.secretStore names, and the entry of it.</summary>
sealed record SecretKeyRef(string Name, string Key);
