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
}
