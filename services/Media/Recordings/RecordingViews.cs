namespace CloudPhone.Media.Recordings;

/// <param name="SessionId">One of the caller's own, by a right of the own, that plays.</param>
public sealed record NewRecording(Guid SessionId);

/// <param name="EndReason">Null while it records.</param>
/// <param name="Seconds">Of the film, so far or in all.</param>
/// <param name="File">Path of the MP4 at the gateway; null while it records, or where nothing was seen.</param>
public sealed record RecordingView(
    Guid Id, Guid SessionId, Guid DeviceId, Guid UserId, DateTimeOffset StartedAt, DateTimeOffset? EndedAt,
    string? EndReason, double Seconds, long Bytes, string? File)
{
    internal static RecordingView Of(Recording r, LiveRecording? live) => new(
        r.Id, r.SessionId, r.DeviceId, r.UserId, r.StartedAt, r.EndedAt, r.EndedAt is null ? null : r.EndReason,
        (live?.Milliseconds ?? r.Milliseconds) / 1000.0, live?.Bytes ?? r.Bytes,
        r.EndedAt is null || r.Bytes == 0 ? null : $"/api/media/recordings/{r.Id}/file");
}
