using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>One change of state, or one act within the phone, which changes none. It stays when the phone is
/// gone.</summary>
public sealed class DeviceHistoryEntry : IEntity
{
    public Guid Id { get; set; }
    public Guid DeviceId { get; set; }
    public Guid UserId { get; set; }
    /// <summary>Null: it began to exist.</summary>
    public DeviceStatus? From { get; set; }
    /// <summary>Null: it is gone.</summary>
    public DeviceStatus? To { get; set; }
    /// <summary>Null for the request that created it.</summary>
    public Trigger? Trigger { get; set; }
    [System.ComponentModel.DataAnnotations.Schema.Column(TypeName = "text")]
    public string? Reason { get; set; }
    public DateTimeOffset At { get; set; }
    /// <summary>The device's version after it.</summary>
    public long Version { get; set; }
    [System.ComponentModel.DataAnnotations.MaxLength(64)]
    public string? RequestId { get; set; }
    /// <summary>What was done within the phone, as a stable word; <see cref="From"/> and <see cref="To"/> are then the
    /// same. Null: a change of state.</summary>
    [System.ComponentModel.DataAnnotations.MaxLength(32)]
    public string? Act { get; set; }
    /// <summary>Who did it; null for a change of state.</summary>
    public Guid? ActorId { get; set; }

    /// <param name="act">A stable word of <see cref="Acts"/>.</param>
    /// <param name="detail">For people; nothing that is secret.</param>
    internal static DeviceHistoryEntry OfAct(
        Device device, string act, string detail, Guid actorId, DateTimeOffset now) => new()
        {
            Id = Guid.CreateVersion7(now), DeviceId = device.Id, UserId = device.UserId, From = device.Status,
            To = device.Status, Reason = detail, At = now, Version = device.Version,
            RequestId = CloudPhone.Shared.Hosting.RequestId.Current, Act = act, ActorId = actorId,
        };
}

/// <summary>What is done to phones without a change of state, as their history names it.</summary>
static class Acts
{
    public const string Shell = "shell";
    public const string Input = "input";
    public const string Rotated = "rotated";
    public const string FileWritten = "file-written";
    public const string FileDeleted = "file-deleted";
    public const string Shared = "shared";
    public const string ShareRevoked = "share-revoked";
    public const string SnapshotTaken = "snapshot-taken";
    public const string Restored = "restored";
    /// <summary>Changed while it goes on.</summary>
    public const string ImagePulled = "image-pulled";
    public const string AdbOpened = "adb-opened";
    public const string AdbConnected = "adb-connected";
    public const string AdbClosed = "adb-closed";
}
