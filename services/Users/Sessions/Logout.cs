using System.Security.Claims;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

public sealed record LogoutRequest(string? RefreshToken = null);

static class Logout
{
    /// <summary>
    /// Ends the session of the refresh token in the body, or without one that of the access token. It needs no valid
    /// access token: whoever has left for long wants to log out as well. A token that means nothing to us is no error:
    /// its session is over. Its access tokens are refused from then on as well.
    /// </summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        LogoutRequest? request, ClaimsPrincipal caller, UsersDb db, Audit audit, TimeProvider clock,
        CancellationToken ct)
    {
        var sessions = db.Sessions.Where(s => s.RevokedAt == null);
        if (request?.RefreshToken is { } token)
        {
            var hash = RefreshTokenValue.HashOf(token);
            sessions = sessions.Where(s => db.RefreshTokens.Any(t => t.Hash == hash && t.SessionId == s.Id));
        }
        else if (CurrentUser.From(caller)?.SessionId is { } id)
            sessions = sessions.Where(s => s.Id == id);
        else
            return Problems.Of(401, "unauthorized", "Show the refresh token in the body, or a valid access token.");
        var now = clock.GetUtcNow();
        await db.InTransactionAsync(async () =>
        {
            var owner = await sessions.Select(s => (Guid?)s.UserId).SingleOrDefaultAsync(ct);
            if (owner is not { } userId || await sessions.EndAsync(now, ct) == 0)
                return;
            audit.Add(userId, Acts.LoggedOut, actorId: userId);
            await db.SaveChangesAsync(ct);
        }, ct);
        return TypedResults.NoContent();
    }
}
