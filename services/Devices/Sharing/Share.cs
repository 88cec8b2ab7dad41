using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Sharing;

public enum ShareAccess
{
    /// <summary>Its screen can be seen.</summary>
    View,
    /// <summary>It can be touched and typed into, too.</summary>
    Control,
}

/// <summary>Lets whoever has its token see a phone for a while, or use it.</summary>
public sealed class Share : IEntity
{
    public Guid Id { get; set; }
    public Guid DeviceId { get; set; }
    /// <summary>Whose phone it is.</summary>
    public Guid UserId { get; set; }
    public Guid CreatedBy { get; set; }
    public ShareAccess Access { get; set; }
    /// <summary>The token itself is told once and kept nowhere.</summary>
    [MaxLength(64)]
    public required string TokenHash { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
}
