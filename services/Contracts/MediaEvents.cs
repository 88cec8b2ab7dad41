namespace CloudPhone.Contracts;

// Published by the media service.

public sealed record MediaSessionStarted(Guid SessionId, Guid DeviceId, Guid UserId, DateTimeOffset StartedAt) : IEvent
{
    public static string EventName => "media.session_started";
}

/// <param name="Seconds">How long it was open.</param>
/// <param name="Bytes">What was sent to the viewer.</param>
/// <param name="Reason"><c>closed</c>, <c>consent-lost</c>, <c>device-stopped</c> or <c>device-deleted</c>.</param>
public sealed record MediaSessionEnded(
    Guid SessionId, Guid DeviceId, Guid UserId, long Seconds, long Bytes, string Reason, DateTimeOffset EndedAt)
        : IEvent
{
    public static string EventName => "media.session_ended";
}
