using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Emails;
using CloudPhone.Users.Passwords;
using CloudPhone.Users.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.TwoFactor;

public sealed record DisableTwoFactorRequest(string Password, string Code);

static class Disable
{
    public static ProblemHttpResult IsOff => Problems.Conflict("two-factor-off", "Two-factor is not on.");

    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        DisableTwoFactorRequest request, CurrentUser caller, UsersDb db, PasswordHasher passwords, PasswordCheck check,
        SecondFactor second, TwoFactorEnd end, CancellationToken ct)
    {
        if (Enable.Check(request.Code).Check(PasswordRules.CouldBe(request.Password), "password",
            "password is your password.").Problem is { } wrong)
            return wrong;
        if (!await second.IsOnAsync(caller.Id, ct))
            return IsOff;
        var wasGood = await second.IsGoodAsync(caller.Id, request.Code, ct);
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == caller.Id, ct);
        using var turn = passwords.TryTakeTurn();
        if (turn is null)
            return PasswordHasher.Busy;
        if (await check.RefuseAsync(user, request.Password, turn, ct, "password") is { } refused)
            return refused;
        if (await second.RefuseAsync(user, request.Code, wasGood, ct) is { } withoutCode)
            return withoutCode;
        return await end.TryRemoveAsync(user, "user", ct) ? TypedResults.NoContent() : IsOff;
    }

    /// <summary>
    /// For somebody who has lost the app and the recovery codes, and has proven to an admin who it is. Whoever may be
    /// logged in with what was lost is not any more. Admins need another admin.
    /// </summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        Guid id, CurrentUser caller, UsersDb db, TwoFactorEnd end, TimeProvider clock, CancellationToken ct)
    {
        if (id == caller.Id)
            return Problems.Conflict("own-account", "Your own is turned off with a code, at /api/users/me/two-factor.");
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, ct) is not { } user)
            return Problems.NotFound("user");
        return await db.InTransactionAsync(async () =>
        {
            var removed = await end.TryRemoveAsync(user, "admin", ct);
            if (removed)
            {
                var now = clock.GetUtcNow();
                await db.Sessions.Where(s => s.UserId == id).EndAsync(now, ct);
                await db.EndLinksAsync(id, now, ct);
            }
            return removed;
        }, ct) ? TypedResults.NoContent() : IsOff;
    }
}

/// <summary>Turns two-factor off, and tells the user.</summary>
sealed class TwoFactorEnd(UsersDb db, Outbox outbox, Audit audit, TimeProvider clock)
{
    /// <param name="by">As in <see cref="UserTwoFactorDisabled"/>.</param>
    /// <returns>False: it is off, or a twin was faster.</returns>
    public Task<bool> TryRemoveAsync(User user, string by, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        var removed = await db.Authenticators.Where(a => a.UserId == user.Id && a.EnabledAt != null)
            .ExecuteDeleteAsync(ct);
        if (removed == 0)
            return false;
        await db.RecoveryCodes.Where(c => c.UserId == user.Id).ExecuteDeleteAsync(ct);
        outbox.Add(new UserTwoFactorDisabled(user.Id, user.Username, user.Email, clock.GetUtcNow(), by));
        audit.Add(user.Id, Acts.TwoFactorDisabled);
        await db.SaveChangesAsync(ct);
        return true;
    }, ct);
}
