namespace CloudPhone.Sidecar.Runner.Template;

/// <summary>
/// A multi-app run template as <c>dapr run -f</c> reads it: merged, paths absolute, ports not yet chosen.
/// </summary>
sealed record RunTemplate(string File, string Name, IReadOnlyList<AppSpec> Apps);

/// <summary>
/// One app of a template. Ports that are null are the runner's to choose; without an app port there is no way to the
/// app.
/// </summary>
sealed record AppSpec
{
    public required string AppId { get; init; }
    /// <summary>appDirPath: where the app runs.</summary>
    public required string Folder { get; init; }
    /// <summary>Empty: a sidecar without a process of ours.</summary>
    public required IReadOnlyList<string> Command { get; init; }
    public int? AppPort { get; init; }
    public string? AppChannelAddress { get; init; }
    public int? HttpPort { get; init; }
    public int? GrpcPort { get; init; }
    public int? InternalGrpcPort { get; init; }
    public int? MetricsPort { get; init; }
    public required IReadOnlyList<string> ResourcesPaths { get; init; }
    public string? ConfigFile { get; init; }
    /// <summary>Common and own settings, the app's own first.</summary>
    public required SharedSettings Settings { get; init; }

    /// <summary>Where others reach the app on this machine.</summary>
    public string Host => AppChannelAddress is { Length: > 0 } address ? address : "127.0.0.1";
}
