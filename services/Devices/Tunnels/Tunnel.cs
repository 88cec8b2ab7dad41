using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Tunnels;

/// <summary>A way to a phone's adbd for whoever has a key, for a while. Any replica serves it.</summary>
public sealed class Tunnel : IEntity
{
    public Guid Id { get; set; }
    public Guid DeviceId { get; set; }
    public Guid CreatedBy { get; set; }
    /// <summary>The session, or API key, that opened it: it ends with that. Null: opened by a version that did not keep
    /// it.</summary>
    public Guid? SessionId { get; set; }
    /// <summary>Of all that are open, one has it.</summary>
    public int Port { get; set; }
    /// <summary>As <see cref="AdbKey"/> reads it.</summary>
    [MaxLength(AdbKey.MaxText)]
    public required string PublicKey { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
    /// <summary>Null: it is open, or expired a moment ago.</summary>
    public DateTimeOffset? ClosedAt { get; set; }
}
