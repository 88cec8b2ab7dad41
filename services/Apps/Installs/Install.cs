using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Work;

namespace CloudPhone.Apps.Installs;

public enum InstallStatus
{
    Pending,
    Installed,
    Failed,
    /// <summary>It was there, and is not any more.</summary>
    Uninstalled,
}

/// <summary>
/// An app that is to come, came or did not come onto a phone. Names and version are kept as they were. A pre-install is
/// due until the device service has taken it over.
/// </summary>
public sealed class Install : DueRow
{
    public const int MaxError = 500;

    public Guid DeviceId { get; set; }
    public Guid UserId { get; set; }
    public Guid AppId { get; set; }
    /// <summary>The version that it began with; null before.</summary>
    public Guid? AppVersionId { get; set; }
    public required string AppName { get; set; }
    public required string PackageName { get; set; }
    public required string Version { get; set; }
    public long VersionCode { get; set; }
    public InstallStatus Status { get; set; }
    /// <summary>This service asked for it, because new phones come with the app.</summary>
    public bool IsPreinstall { get; set; }
    [MaxLength(MaxError)]
    public string? Error { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
    /// <summary>Its phone is gone: nobody is shown it any more.</summary>
    public DateTimeOffset? HiddenAt { get; set; }
}

/// <summary>A phone that is gone: what is told of it later than that has no effect.</summary>
public sealed class DeletedDevice
{
    public Guid DeviceId { get; set; }
    public DateTimeOffset DeletedAt { get; set; }
}
