namespace CloudPhone.Contracts;

// Published by the media service.

/// <summary>A phone's screen is shown to a viewer.</summary>
public sealed record MediaSessionStarted(Guid SessionId, Guid DeviceId, Guid UserId, DateTimeOffset StartedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "media.session_started";
}

/// <param name="Seconds">How long it was open.</param>
/// <param name="Bytes">What was sent to the viewer.</param>
/// <param name="Reason"><c>closed</c>, <c>consent-lost</c>, <c>device-stopped</c> or <c>device-deleted</c>.</param>
public sealed record MediaSessionEnded(
    Guid SessionId, Guid DeviceId, Guid UserId, long Seconds, long Bytes, string Reason, DateTimeOffset EndedAt)
        : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "media.session_ended";
}
