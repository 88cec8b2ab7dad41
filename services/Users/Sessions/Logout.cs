using System.Security.Claims;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

public sealed record LogoutRequest(string? RefreshToken = null);

static class Logout
{
    /// <summary>
    /// Ends the session of the refresh token in the body, or without one that of the access token. It needs no valid
    /// access token: whoever has left for long wants to log out as well. A token that means nothing to us is no error:
    /// its session is over.
    /// </summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        LogoutRequest? request, ClaimsPrincipal caller, UsersDb db, TimeProvider clock, CancellationToken ct)
    {
        var sessions = db.Sessions.Where(s => s.RevokedAt == null);
        if (request?.RefreshToken is { } token)
        {
            var hash = RefreshTokenValue.HashOf(token);
            sessions = sessions.Where(s => db.RefreshTokens.Any(t => t.Hash == hash && t.SessionId == s.Id));
        }
        else if (Guid.TryParse(caller.FindFirstValue(AccessTokens.SessionClaim), out var id))
            sessions = sessions.Where(s => s.Id == id);
        else
            return Problems.Of(401, "unauthorized", "Show the refresh token in the body, or a valid access token.");
        var now = clock.GetUtcNow();
        await db.InTransactionAsync(() =>
            sessions.ExecuteUpdateAsync(u => u.SetProperty(s => s.RevokedAt, now), ct), ct);
        return TypedResults.NoContent();
    }
}
