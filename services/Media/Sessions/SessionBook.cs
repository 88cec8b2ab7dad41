using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Media.Sessions;

/// <summary>What is written down of sessions: their beginning and end, each with its event.</summary>
sealed class SessionBook(MediaDb db, Outbox outbox, TimeProvider clock)
{
    /// <summary>One whose opening died before its answer, and is repeated, begins anew.</summary>
    public Task OpenAsync(StreamSession session, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        await db.Sessions.Where(s => s.Id == session.Id).ExecuteDeleteAsync(ct);
        db.Add(session);
        outbox.Add(new MediaSessionStarted(
            session.Id, session.DeviceId, session.UserId, session.StartedAt, session.ShareId));
        await db.SaveChangesAsync(ct);
    }, ct);

    /// <summary>Once; a session that is over stays as it is.</summary>
    public Task CloseAsync(Guid id, string reason, long bytes, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        if (await db.Sessions.SingleOrDefaultAsync(s => s.Id == id && s.EndedAt == null, ct) is { } session)
            await CloseAsync(session, reason, bytes, clock.GetUtcNow(), ct);
    }, ct);

    /// <summary>Ends sessions whose process has died.</summary>
    public Task CloseSilentAsync(DateTimeOffset since, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        var silent = await db.Sessions.Where(s => s.EndedAt == null && s.SeenAt < since).OrderBy(s => s.SeenAt)
            .Take(100).ToListAsync(ct);
        foreach (var session in silent)
            await CloseAsync(session, EndReasons.ServiceStopped, session.Bytes, session.SeenAt, ct);
    }, ct);

    async Task CloseAsync(
        StreamSession session, string reason, long bytes, DateTimeOffset at, CancellationToken ct)
    {
        (session.EndedAt, session.EndReason, session.Bytes) = (at, reason, bytes);
        outbox.Add(new MediaSessionEnded(
            session.Id, session.DeviceId, session.UserId, (long)(at - session.StartedAt).TotalSeconds, bytes, reason, at,
            session.ShareId));
        await db.SaveChangesAsync(ct);
    }
}
