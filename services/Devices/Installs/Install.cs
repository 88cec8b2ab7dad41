using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Installs;

public enum InstallStatus
{
    Pending,
    Installed,
    Failed,
}

/// <summary>An app that is to come onto a phone: a row of the queue until the app service knows how it went, and then
/// the record of it.</summary>
public sealed class Install : DueRow
{
    public Guid DeviceId { get; set; }
    public Guid UserId { get; set; }
    public Guid AppId { get; set; }
    public InstallStatus Status { get; set; }
    public string? AppName { get; set; }
    public string? PackageName { get; set; }
    public string? Version { get; set; }
    public string? Error { get; set; }
    /// <summary>The app service has recorded it, and is told how it went.</summary>
    public bool IsBegun { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
