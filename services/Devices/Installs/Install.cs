using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Installs;

public enum InstallStatus
{
    Pending,
    Installed,
    Failed,
    Uninstalled,
}

/// <summary>What is to be done with the app.</summary>
public enum InstallKind
{
    Install,
    /// <summary>Only by a version that is newer than what is there.</summary>
    Update,
    Uninstall,
}

/// <summary>How far the try is that runs.</summary>
public enum InstallStep
{
    Downloading,
    /// <summary>The phone has all of it.</summary>
    Installing,
    Uninstalling,
}

/// <summary>An app that is to come onto a phone, or to leave it: a row of the queue until the app service knows how it
/// went, and then the record of it.</summary>
public sealed class Install : DueRow
{
    public Guid DeviceId { get; set; }
    public Guid UserId { get; set; }
    public Guid AppId { get; set; }
    public InstallKind Kind { get; set; }
    public InstallStatus Status { get; set; }
    /// <summary>Null: none runs.</summary>
    public InstallStep? Step { get; set; }
    /// <summary>Percent that have come; null where that says nothing.</summary>
    public int? Progress { get; set; }
    public string? AppName { get; set; }
    public string? PackageName { get; set; }
    public string? Version { get; set; }
    public string? Error { get; set; }
    /// <summary>The app service has recorded it, and is told how it went.</summary>
    public bool IsBegun { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
