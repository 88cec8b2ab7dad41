using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Audits;
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
        SecondFactor second, Audit audit, CancellationToken ct)
    {
        if (Enable.Check(request.Code).Check(PasswordRules.CouldBe(request.Password), "password",
            "password is your password.").Problem is { } wrong)
            return wrong;
        if (!await second.IsOnAsync(caller.Id, ct))
            return IsOff;
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == caller.Id, ct);
        using var turn = passwords.TryTakeTurn();
        if (turn is null)
            return PasswordHasher.Busy;
        if (await check.RefuseAsync(user, request.Password, turn, ct) is { } refused)
            return refused;
        if (await second.RefuseAsync(user, request.Code, ct) is { } withoutCode)
            return withoutCode;
        return await TryRemoveAsync(caller.Id, db, audit, ct) ? TypedResults.NoContent() : IsOff;
    }

    /// <summary>
    /// For somebody who has lost the app and the recovery codes, and has proven to an admin who it is. Whoever may be
    /// logged in with what was lost is not any more. Admins need another admin.
    /// </summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        Guid id, CurrentUser caller, UsersDb db, Audit audit, TimeProvider clock, CancellationToken ct)
    {
        if (id == caller.Id)
            return Problems.Conflict("own-account", "Your own is turned off with a code, at /api/users/me/two-factor.");
        if (!await db.Users.AnyAsync(u => u.Id == id, ct))
            return Problems.NotFound("user");
        return await db.InTransactionAsync(async () =>
        {
            var removed = await TryRemoveAsync(id, db, audit, ct);
            if (removed)
                await db.Sessions.Where(s => s.UserId == id).EndAsync(clock.GetUtcNow(), ct);
            return removed;
        }, ct) ? TypedResults.NoContent() : IsOff;
    }

    /// <returns>False: it is off, or a twin was faster.</returns>
    static Task<bool> TryRemoveAsync(Guid userId, UsersDb db, Audit audit, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
    {
        var removed = await db.Authenticators.Where(a => a.UserId == userId && a.EnabledAt != null)
            .ExecuteDeleteAsync(ct);
        if (removed == 0)
            return false;
        await db.RecoveryCodes.Where(c => c.UserId == userId).ExecuteDeleteAsync(ct);
        audit.Add(userId, Acts.TwoFactorDisabled);
        await db.SaveChangesAsync(ct);
        return true;
    }, ct);
}
