using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.ApiKeys;

/// <param name="Hash">Of the key, which itself goes no further than the gateway.</param>
public sealed record ExchangeRequest(string Hash);

/// <param name="Outcome"><c>exchanged</c>, or <c>refused</c>: unknown, revoked or expired, or its owner may not sign
/// in.</param>
/// <param name="Token">An access token of the owner with the key's scopes and no role but user.</param>
public sealed record ExchangeAnswer(
    string Outcome, Guid? KeyId = null, string? Token = null, DateTimeOffset? ExpiresAt = null);

/// <summary>Gives the gateway a token for a key. Asked again it gives another one: nothing is kept of it.</summary>
static class Exchange
{
    static readonly ExchangeAnswer Refused = new("refused");

    public static async Task<ExchangeAnswer> Handle(
        ExchangeRequest request, UsersDb db, AccessTokens tokens, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var found = await (
            from k in db.ApiKeys.AsNoTracking()
            join u in db.Users.AsNoTracking() on k.UserId equals u.Id
            where k.Hash == request.Hash && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now)
                && u.SuspendedAt == null
            select new { Key = k, User = u }).SingleOrDefaultAsync(ct);
        if (found is null)
            return Refused;
        await db.InTransactionAsync(() => db.ApiKeys.Where(k => k.Id == found.Key.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(k => k.LastUsedAt, now), ct), ct);
        var until = now + AccessTokens.Lifetime;
        until = found.Key.ExpiresAt < until ? found.Key.ExpiresAt.Value : until;
        var token = tokens.CreateFor(found.User, found.Key.Id, found.Key.Scopes, until);
        return new("exchanged", found.Key.Id, token, until);
    }
}
