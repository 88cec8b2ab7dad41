using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Passwords;
using CloudPhone.Users.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Resets;

/// <param name="Token">From the link that was mailed.</param>
public sealed record ConfirmResetRequest(string Token, string NewPassword);

static class ConfirmReset
{
    static ProblemHttpResult Invalid => Problems.BadRequest(
        "invalid-reset-token", "This link is not good any more: it was used, or is too old. Ask for another.");

    /// <summary>
    /// A link is good once. All sessions end, and nobody has to wait any more after failed logins. Tokens can't be
    /// guessed, and those that we did not make cost nothing.
    /// </summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        ConfirmResetRequest request, UsersDb db, LoginLimiter limiter, ResetTokens tokens, PasswordHasher passwords,
        NewPassword newPassword, TimeProvider clock, CancellationToken ct)
    {
        if (tokens.Read(request.Token) is not { } id)
            return Invalid;
        var now = clock.GetUtcNow();
        // whoever changes address, password or roles, or is suspended, ends the links; one that was just being made as
        // that happened shows by what it was made for
        var user = await (
            from r in db.PasswordResets
            join u in db.Users on r.UserId equals u.Id
            where r.Id == id && r.UsedAt == null && r.ExpiresAt > now
                && r.Email == u.NormalizedEmail && u.SuspendedAt == null
                && (u.PasswordChangedAt == null || u.PasswordChangedAt <= r.IssuedAt)
            select u).AsNoTracking().SingleOrDefaultAsync(ct);
        if (user is null)
            return Invalid;
        if (PasswordRules.Check(new(), "newPassword", request.NewPassword, user.Username, user.Email)
            .Problem is { } wrong)
            return wrong;
        using var turn = passwords.TryTakeTurn();
        if (turn is null)
            return PasswordHasher.Busy;
        var hash = await turn.HashAsync(request.NewPassword, ct);
        if (!await UseAsync(id, user, hash, db, newPassword, now, ct))
            return Invalid;
        foreach (var name in new[] { user.NormalizedUsername, user.NormalizedEmail })
            await limiter.ForgetAsync(limiter.TargetOf(user.Id, name), ct);
        return TypedResults.NoContent();
    }

    /// <summary>Every other link of the user ends with this one.</summary>
    static Task<bool> UseAsync(
        Guid id, User user, string hash, UsersDb db, NewPassword newPassword, DateTimeOffset now,
        CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        var used = await db.PasswordResets.Where(r => r.Id == id && r.UsedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.UsedAt, now), ct);
        return used == 1
            && await db.Users.AnyAsync(u =>
                u.Id == user.Id && u.NormalizedEmail == user.NormalizedEmail && u.SuspendedAt == null, ct)
            && await newPassword.SetAsync(user.Id, user.PasswordHash, hash, Acts.PasswordReset, null, ct);
    }, ct);
}
