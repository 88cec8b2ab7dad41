using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Snapshots;

public enum SnapshotStatus
{
    /// <summary>Being copied: nothing may be made of it.</summary>
    Creating,
    Ready,
    /// <summary>To be removed, as its user wanted or because the copy came to nothing.</summary>
    Deleting,
}

/// <summary>A copy of a phone's data. It stays when the phone is gone.</summary>
public sealed class Snapshot : IEntity
{
    public const int MaxNameLength = 100;

    public Guid Id { get; set; }
    /// <summary>Whose it is, as the phone was.</summary>
    public Guid UserId { get; set; }
    public Guid DeviceId { get; set; }
    [MaxLength(MaxNameLength)]
    public required string Name { get; set; }
    public SnapshotStatus Status { get; set; }
    /// <summary>Null until it is ready.</summary>
    public long? Bytes { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}
