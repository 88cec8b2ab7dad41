using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <summary>
/// For siblings with something that lives longer than an access token: of these sessions and API keys, which are over,
/// however long ago. The feed tells only what ended lately.
/// </summary>
static class OverSids
{
    public static async Task<Results<Ok<OverSidsAnswer>, ProblemHttpResult>> Handle(
        OverSidsRequest request, UsersDb db, TimeProvider clock, CancellationToken ct)
    {
        var sids = request.Sids.Distinct().ToList();
        if (sids.Count > OverSidsRequest.MaxSids)
            return Problems.BadRequest("bad-request", $"sids are at most {OverSidsRequest.MaxSids}.");
        var now = clock.GetUtcNow();
        var good = await db.Sessions.Where(s => sids.Contains(s.Id) && s.RevokedAt == null && s.ExpiresAt > now)
            .Select(s => s.Id)
            .Concat(db.ApiKeys
                .Where(k => sids.Contains(k.Id) && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now)
                    && db.Users.Any(u => u.Id == k.UserId && u.SuspendedAt == null))
                .Select(k => k.Id))
            .ToListAsync(ct);
        return TypedResults.Ok(new OverSidsAnswer([.. sids.Except(good)]));
    }
}
