using CloudPhone.Shared.Http;

namespace CloudPhone.Media.Sessions;

/// <summary>One viewing of a phone's screen. What plays is in the memory of the process that serves it.</summary>
public sealed class StreamSession : IEntity
{
    public Guid Id { get; set; }
    public Guid DeviceId { get; set; }
    public Guid OwnerId { get; set; }
    /// <summary>Who watches; with a share, whose phone it is.</summary>
    public Guid UserId { get; set; }
    /// <summary>The share by which somebody was let in; null: by a right of the user's own.</summary>
    public Guid? ShareId { get; set; }
    public ScreenAccess Access { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    /// <summary>When its process last said that it plays. One that is silent has died, and its sessions are
    /// over.</summary>
    public DateTimeOffset SeenAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
    /// <summary>See <see cref="EndReasons"/>; while it plays, why its process is to end it.</summary>
    public string? EndReason { get; set; }
    /// <summary>Of pictures, sent to the viewer.</summary>
    public long Bytes { get; set; }
}

public enum ScreenAccess { View, Control }

/// <summary>Why sessions end: stable words, for events and clients.</summary>
static class EndReasons
{
    /// <summary>The viewer went.</summary>
    public const string Closed = "closed";
    /// <summary>Nothing came from the viewer for 30 s.</summary>
    public const string ConsentLost = "consent-lost";
    public const string DeviceStopped = "device-stopped";
    public const string DeviceDeleted = "device-deleted";
    /// <summary>The share or the viewer's login is over.</summary>
    public const string AccessLost = "access-lost";
    /// <summary>The phone shows nothing, and did not come back.</summary>
    public const string PhoneLost = "phone-lost";
    /// <summary>The media service stops, or has died.</summary>
    public const string ServiceStopped = "service-stopped";
}
