using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Media.Sessions;

/// <summary>What is written down of sessions: their beginning and end, each with its event.</summary>
sealed class SessionBook(MediaDb db, Outbox outbox, TimeProvider clock)
{
    const int AtOnce = 100;

    public Task OpenAsync(StreamSession session, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        db.Add(session);
        outbox.Add(new MediaSessionStarted(
            session.Id, session.DeviceId, session.UserId, session.StartedAt, session.ShareId));
        await db.SaveChangesAsync(ct);
    }, ct);

    /// <summary>Once; a session that is over stays as it is.</summary>
    public Task CloseAsync(Guid id, string reason, long bytes, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
        {
            if (await db.Sessions.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, ct) is { } session)
                await CloseAsync(session, reason, bytes, clock.GetUtcNow(), ct);
        }, ct);

    /// <summary>Ends sessions whose process has died.</summary>
    public Task CloseSilentAsync(DateTimeOffset since, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        var silent = await db.Sessions.AsNoTracking().Where(s => s.EndedAt == null && s.SeenAt < since)
            .OrderBy(s => s.SeenAt).Take(AtOnce).ToListAsync(ct);
        foreach (var session in silent)
            await CloseAsync(session, EndReasons.ServiceStopped, session.Bytes, session.SeenAt, ct);
    }, ct);

    public Task RemoveOldAsync(DateTimeOffset before, CancellationToken ct) => db.InTransactionAsync(
        () => db.Sessions.Where(s => s.EndedAt < before).ExecuteDeleteAsync(ct), ct);

    /// <summary>By a condition on the row: of several replicas that find it silent one ends it.</summary>
    async Task CloseAsync(
        StreamSession session, string reason, long bytes, DateTimeOffset at, CancellationToken ct)
    {
        var isMine = await db.Sessions
            .Where(s => s.Id == session.Id && s.EndedAt == null).ExecuteUpdateAsync(s => s
                .SetProperty(e => e.EndedAt, at).SetProperty(e => e.EndReason, reason)
                .SetProperty(e => e.Bytes, bytes), ct) == 1;
        if (!isMine)
            return;
        outbox.Add(new MediaSessionEnded(
            session.Id, session.DeviceId, session.UserId, (long)(at - session.StartedAt).TotalSeconds, bytes, reason,
            at, session.ShareId));
        await db.SaveChangesAsync(ct);
    }
}
