using CloudPhone.Shared.Http;

namespace CloudPhone.Media.Recordings;

/// <summary>A film of a session. Its file is named by its id; while it grows, it is in the hands of the process that
/// serves the session.</summary>
public sealed class Recording : IEntity
{
    public Guid Id { get; set; }
    public Guid SessionId { get; set; }
    public Guid DeviceId { get; set; }
    /// <summary>Whose it is: who watched.</summary>
    public Guid UserId { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    /// <summary>When its process last said that it records.</summary>
    public DateTimeOffset SeenAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
    /// <summary>See <see cref="StopReasons"/>; while it records, why its process is to end it.</summary>
    public string? EndReason { get; set; }
    /// <summary>At most; while it records, as much of the user's share is taken.</summary>
    public long MaxBytes { get; set; }
    public long Bytes { get; set; }
    /// <summary>Of the film.</summary>
    public long Milliseconds { get; set; }
}

/// <summary>Why recordings end: stable words for clients.</summary>
static class StopReasons
{
    public const string Stopped = "stopped";
    public const string SessionEnded = "session-ended";
    public const string TooLong = "too-long";
    /// <summary>As large as one may be, or the user's share is used up.</summary>
    public const string TooLarge = "too-large";
    public const string DiskFull = "disk-full";
    public const string DiskFailed = "disk-failed";
    /// <summary>The media service stops, or has died.</summary>
    public const string ServiceStopped = "service-stopped";

    const int NoSpace = 28, NoSpaceOnWindows = unchecked((int)0x80070070);

    public static string Of(Exception e) =>
        e is IOException && e.HResult is NoSpace or NoSpaceOnWindows ? DiskFull : DiskFailed;
}
