using CloudPhone.Shared.Auth;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.TwoFactor;

/// <summary>A code gives new recovery codes, and the old ones end.</summary>
static class RenewRecoveryCodes
{
    /// <summary>
    /// No password is looked at here, which takes its time: the first of a double click is done before the second
    /// comes.
    /// </summary>
    static readonly TimeSpan TwinsComeWithin = TimeSpan.FromSeconds(10);

    public static async Task<Results<Ok<RecoveryCodesAnswer>, ProblemHttpResult>> Handle(
        TwoFactorCode request, CurrentUser caller, SecondFactor second, UsersDb db, Audit audit, TimeProvider clock,
        CancellationToken ct)
    {
        if (Enable.Check(request.Code).Problem is { } wrong)
            return wrong;
        if (!await second.IsOnAsync(caller.Id, ct))
            return Disable.IsOff;
        var wasGood = await IsOrWasGoodAsync(caller.Id, request.Code, second, db, clock.GetUtcNow(), ct);
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == caller.Id, ct);
        if (await second.RefuseAsync(user, request.Code, wasGood, ct) is { } refused)
            return refused;
        var codes = await db.InTransactionAsync(async () =>
        {
            // the app's row is taken first: of two at once, the codes of the second are in force
            if (await db.Authenticators.Where(a => a.UserId == caller.Id && a.EnabledAt != null)
                    .ExecuteUpdateAsync(s => s.SetProperty(a => a.LastUsedStep, a => a.LastUsedStep), ct) == 0)
                return null;
            var made = await RecoveryCodes.RenewAsync(db, caller.Id, ct);
            audit.Add(caller.Id, Acts.RecoveryCodesRenewed);
            await db.SaveChangesAsync(ct);
            return made;
        }, ct);
        return codes is null ? Disable.IsOff : TypedResults.Ok(new RecoveryCodesAnswer(codes));
    }

    /// <summary>A good code is written down before it is used up, so that every twin finds it either way.</summary>
    static async Task<bool> IsOrWasGoodAsync(
        Guid userId, string code, SecondFactor second, UsersDb db, DateTimeOffset now, CancellationToken ct)
    {
        var (hash, since) = (RecoveryCodes.HashOf(SecondFactor.Plain(code)), now - TwinsComeWithin);
        var app = db.Authenticators.Where(a => a.UserId == userId);
        if (!await second.IsGoodAsync(userId, code, ct))
            return await app.AnyAsync(a => a.RenewalCode == hash && a.RenewalAt >= since, ct);
        await db.InTransactionAsync(() => app.ExecuteUpdateAsync(
            s => s.SetProperty(a => a.RenewalAt, now).SetProperty(a => a.RenewalCode, hash), ct), ct);
        return true;
    }
}
