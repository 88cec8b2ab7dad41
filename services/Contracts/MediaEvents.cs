namespace CloudPhone.Contracts;

// Published by the media service.

/// <summary>A phone's screen is shown to a viewer.</summary>
/// <param name="UserId">Who watches; with a share, whose phone it is.</param>
/// <param name="ShareId">By which the viewer was let in; null: by a right of the user's own.</param>
public sealed record MediaSessionStarted(
    Guid SessionId, Guid DeviceId, Guid UserId, DateTimeOffset StartedAt, Guid? ShareId = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "media.session_started";
}

/// <param name="UserId">Who watched; with a share, whose phone it is.</param>
/// <param name="Seconds">How long it was open.</param>
/// <param name="Bytes">What was sent to the viewer.</param>
/// <param name="Reason"><c>closed</c>, <c>consent-lost</c>, <c>device-stopped</c>, <c>device-deleted</c>,
/// <c>access-lost</c>, <c>phone-lost</c> or <c>service-stopped</c>.</param>
/// <param name="ShareId">By which the viewer was let in; null: by a right of the user's own.</param>
public sealed record MediaSessionEnded(
    Guid SessionId, Guid DeviceId, Guid UserId, long Seconds, long Bytes, string Reason, DateTimeOffset EndedAt,
    Guid? ShareId = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "media.session_ended";
}
