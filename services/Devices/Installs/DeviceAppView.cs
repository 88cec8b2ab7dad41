namespace CloudPhone.Devices.Installs;

/// <summary>How an app and a phone stand to each other.</summary>
public enum DeviceAppStatus
{
    /// <summary>It waits: for the phone to run, for its turn, or for the next try.</summary>
    Pending,
    Downloading,
    Installing,
    Installed,
    Failed,
    Uninstalling,
    Uninstalled,
}

/// <param name="Status">Of the last that was asked for; <paramref name="Kind"/> says what that was.</param>
/// <param name="Progress">Percent that have come, while it is downloading.</param>
/// <param name="Error">Why it failed; while it waits, why the last try did. In the phone's own words, where it had
/// some.</param>
sealed record DeviceAppView(
    Guid AppId, string? PackageName, string? Version, DeviceAppStatus Status, InstallKind Kind, int? Progress,
    Guid InstallId, string? AppName, string? Error)
{
    public static DeviceAppView Of(Install i) => new(
        i.AppId, i.PackageName, i.Version, StatusOf(i), i.Kind, i.Status == InstallStatus.Pending ? i.Progress : null,
        i.Id, i.AppName, i.Error);

    static DeviceAppStatus StatusOf(Install i) => (i.Status, i.LeaseId is null ? null : i.Step) switch
    {
        (InstallStatus.Installed, _) => DeviceAppStatus.Installed,
        (InstallStatus.Uninstalled, _) => DeviceAppStatus.Uninstalled,
        (InstallStatus.Failed, _) => DeviceAppStatus.Failed,
        (_, InstallStep.Downloading) => DeviceAppStatus.Downloading,
        (_, InstallStep.Installing) => DeviceAppStatus.Installing,
        (_, InstallStep.Uninstalling) => DeviceAppStatus.Uninstalling,
        _ => DeviceAppStatus.Pending,
    };
}
