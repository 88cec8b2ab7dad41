using CloudPhone.Media.Input;
using CloudPhone.Media.Screens;
using CloudPhone.Media.WebRtc.Sdp;
using CloudPhone.Media.WebRtc.Turn;
using CloudPhone.Media.WebRtc.Udp;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Media.Sessions;

/// <summary>Lets a viewer in.</summary>
sealed class Opening(
    PhoneRights rights, PhoneScreens screens, UdpHub hub, LiveSessions sessions, SessionBook book, MediaOptions options,
    TimeProvider clock)
{
    const int MaxSdp = 64 << 10, MaxShareToken = 100;

    public static Task<Results<Created<SessionAnswer>, ProblemHttpResult>> OpenAsync(
        NewSession request, CurrentUser user, Opening opening, CancellationToken ct) =>
        opening.OpenAsync(new(request.DeviceId, user.Id, user.IsOperator, null), user.SessionId, request.Sdp, ct);

    public static async Task<Results<Created<SessionAnswer>, ProblemHttpResult>> OpenSharedAsync(
        NewSharedSession request, Opening opening, CancellationToken ct) =>
        request.ShareToken.Length is 0 or > MaxShareToken
            ? Problems.BadRequest("bad-request", "shareToken is what the share's maker was told.")
            : await opening.OpenAsync(new(null, null, false, request.ShareToken), null, request.Sdp, ct);

    async Task<Results<Created<SessionAnswer>, ProblemHttpResult>> OpenAsync(
        PhoneClaim claim, Guid? login, string? sdp, CancellationToken ct)
    {
        SdpOffer? offer = null;
        if (sdp is not null)
        {
            var reason = $"sdp has at most {MaxSdp} characters.";
            offer = sdp.Length > MaxSdp ? null : SdpOffer.Read(sdp, out reason);
            if (offer is null)
                return Problems.BadRequest("bad-offer", reason);
        }
        var answer = await rights.AskAsync(claim, ct);
        return (answer.Right, answer.Outcome) switch
        {
            (null, _) => Problems.NotFound(claim.ShareToken is null ? "device" : "share"),
            ({ } right, "granted") => await AdmitAsync(claim, right, login, offer, ct),
            (_, "not-running") => Problems.Of(409, "wrong-state",
                $"The phone is {answer.Status}: it has to run.", ("deviceStatus", answer.Status)),
            _ => Problems.Unavailable("unreachable", "The phone can't be reached at the moment."),
        };
    }

    async Task<Results<Created<SessionAnswer>, ProblemHttpResult>> AdmitAsync(
        PhoneClaim claim, PhoneRight right, Guid? login, SdpOffer? offer, CancellationToken ct)
    {
        // not the request's: a repetition, whose answer opens it, is another session
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var peer = offer is null ? null : hub.Add(offer, right.ShareId ?? claim.UserId, right.ShareId is not null);
        var session = new LiveSession(
            id, claim, right, login, SessionToken.New(), screens.Enter(right.DeviceId), peer, now);
        if (!sessions.TryAdd(session))
        {
            Discard(session);
            return sessions.IsStopping ? Problems.Unavailable("unavailable", "The media service stops.")
                : Problems.Conflict("too-many-sessions",
                $"At most {options.SessionsPerUser} sessions are open at once; end one of them.");
        }
        try
        {
            await book.OpenAsync(new()
            {
                Id = id, DeviceId = right.DeviceId, OwnerId = right.OwnerId, UserId = claim.UserId ?? right.OwnerId,
                ShareId = right.ShareId, Access = right.Access, StartedAt = now, SeenAt = now,
            }, ct);
        }
        catch
        {
            sessions.End(session, EndReasons.Closed);
            throw;
        }
        finally
        {
            session.Begun.SetResult();
        }
        return TypedResults.Created($"/api/media/sessions/{id}", new SessionAnswer(
            id, peer is null ? null : hub.Answer(peer), Relays(id, now), session.Token.Text, right.Access,
            SocketRoute.PathOf(id), right.DeviceId, right.Name));
    }

    void Discard(LiveSession session)
    {
        if (session.Peer is { } peer)
            hub.Remove(peer);
        session.Screen.Leave();
    }

    IReadOnlyList<IceServer> Relays(Guid id, DateTimeOffset now)
    {
        if (options.Turn is not { } turn)
            return [];
        var credentials = TurnCredentials.Make(turn.Secret, $"{id:N}", turn.Life, now);
        return [new(turn.Urls, credentials.Username, credentials.Password)];
    }
}
