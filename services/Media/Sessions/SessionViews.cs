namespace CloudPhone.Media.Sessions;

/// <param name="Sdp">The browser's offer; null: it takes the pictures from the socket.</param>
public sealed record NewSession(Guid DeviceId, string? Sdp = null);

/// <param name="ShareToken">Of a share of the phone.</param>
/// <inheritdoc cref="NewSession"/>
public sealed record NewSharedSession(string ShareToken, string? Sdp = null);

/// <param name="Sdp">The answer to the offer; null: there was none.</param>
/// <param name="Token">Opens the session's socket; told only now.</param>
/// <param name="Access">What may be done.</param>
/// <param name="Socket">Path of the socket at the gateway, for input, pictures without UDP, and news.</param>
public sealed record SessionAnswer(
    Guid SessionId, string? Sdp, IReadOnlyList<IceServer> IceServers, string Token, ScreenAccess Access, string Socket,
    Guid DeviceId, string? DeviceName);

/// <summary>As a browser's RTCPeerConnection takes it.</summary>
public sealed record IceServer(IReadOnlyList<string> Urls, string Username, string Credential);

/// <param name="Seconds">So far, or in all.</param>
/// <param name="EndReason">Null while it plays.</param>
public sealed record SessionView(
    Guid Id, Guid DeviceId, Guid UserId, Guid? ShareId, ScreenAccess Access, DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt, string? EndReason, long Seconds, long Bytes)
{
    internal static SessionView Of(StreamSession s, DateTimeOffset now) => new(
        s.Id, s.DeviceId, s.UserId, s.ShareId, s.Access, s.StartedAt, s.EndedAt, s.EndReason,
        (long)((s.EndedAt ?? now) - s.StartedAt).TotalSeconds, s.Bytes);
}
