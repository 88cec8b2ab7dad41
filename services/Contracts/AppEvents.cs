namespace CloudPhone.Contracts;

// Published by the app service.

/// <summary>An app is on a phone.</summary>
/// <param name="Version">The app's version name, like <c>1.4.2</c>.</param>
public sealed record AppInstalled(
    Guid InstallId, Guid DeviceId, Guid UserId, Guid AppId, string AppName, string PackageName, string Version,
    DateTimeOffset InstalledAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "app.installed";
}

/// <summary>An installation was given up.</summary>
public sealed record AppInstallFailed(
    Guid InstallId, Guid DeviceId, Guid UserId, Guid AppId, string AppName, string PackageName, string Reason,
    DateTimeOffset FailedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "app.install_failed";
}

/// <summary>A newer version of an app is on a phone that had an older one.</summary>
public sealed record AppUpdated(
    Guid InstallId, Guid DeviceId, Guid UserId, Guid AppId, string AppName, string PackageName, string OldVersion,
        string NewVersion,
    DateTimeOffset UpdatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "app.updated";
}
