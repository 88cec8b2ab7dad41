using CloudPhone.Shared.Auth;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <summary>A session, or API key, whose access tokens must be refused although they have not expired.</summary>
sealed class RevokedSid
{
    public Guid Sid { get; init; }
    public DateTimeOffset At { get; init; }

    /// <summary>It is good again: tokens with an earlier <c>iat</c> only are refused.</summary>
    public bool IsRenewed { get; init; }
}

/// <summary>What this service knows by itself, and tells all others.</summary>
sealed class RevokedSids(UsersDb db) : IRevocations
{
    /// <summary>In one answer.</summary>
    const int MaxSids = 5000;

    static IQueryable<RevokedSid> All(UsersDb db) =>
        db.Sessions.Where(s => s.RevokedAt != null)
            .Select(s => new RevokedSid { Sid = s.Id, At = s.RevokedAt!.Value, IsRenewed = false })
            .Concat(db.ApiKeys.Where(k => k.RevokedAt != null)
                .Select(k => new RevokedSid { Sid = k.Id, At = k.RevokedAt!.Value, IsRenewed = false }))
            .Concat(db.ApiKeys.Join(db.Users.Where(u => u.SuspendedAt != null), k => k.UserId, u => u.Id,
                (k, u) => new RevokedSid { Sid = k.Id, At = u.SuspendedAt!.Value, IsRenewed = false }))
            .Concat(db.ApiKeys.Where(k => k.RevokedAt == null).Join(
                db.Users.Where(u => u.SuspendedAt == null && u.ReinstatedAt != null), k => k.UserId, u => u.Id,
                (k, u) => new RevokedSid { Sid = k.Id, At = u.ReinstatedAt!.Value, IsRenewed = true }));

    public async ValueTask<bool> IsRevokedAsync(Guid sid, DateTimeOffset issuedAt, CancellationToken ct) =>
        await All(db).AnyAsync(r => r.Sid == sid && (!r.IsRenewed || r.At > issuedAt), ct);

    /// <summary>Those since a time, at most as long ago as an access token lives.</summary>
    public static async Task<RevocationFeed> Feed(
        UsersDb db, TimeProvider clock, CancellationToken ct, DateTimeOffset? since = null)
    {
        var now = clock.GetUtcNow();
        var oldest = now - Revocations.Kept;
        var from = since is { } s && s > oldest ? s.ToUniversalTime() : oldest;
        var found = await All(db).Where(r => r.At >= from).OrderBy(r => r.At).Take(MaxSids).ToListAsync(ct);
        // where many ended at the very same moment the next answer would begin, and end, with them
        var more = found.Count == MaxSids && found[^1].At > from;
        return new(more ? found[^1].At : now, [.. found.Where(r => !r.IsRenewed).Select(r => r.Sid)], more,
            [.. found.Where(r => r.IsRenewed).Select(r => new RenewedSid(r.Sid, r.At))]);
    }
}
