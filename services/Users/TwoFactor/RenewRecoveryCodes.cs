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
        var (hash, now) = (RecoveryCodes.HashOf(SecondFactor.Plain(request.Code)), clock.GetUtcNow());
        var app = db.Authenticators.Where(a => a.UserId == caller.Id);
        // both are asked of any code, in this order: what a refusal costs tells nothing of the code
        var isGood = await second.IsGoodAsync(caller.Id, request.Code, ct);
        var wasGood = await app.AnyAsync(a => a.RenewalCode == hash && a.RenewalAt >= now - TwinsComeWithin, ct);
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == caller.Id, ct);
        var writeDown = isGood ? WriteDownAsync : (Func<Task>?)null;
        if (await second.RefuseAsync(user, request.Code, isGood || wasGood, ct, writeDown) is { } refused)
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

        // before it is used up, so that every twin finds it either way; not while codes are locked, where the time that
        // it takes would tell that the code is good
        Task WriteDownAsync() => db.InTransactionAsync(() => app.ExecuteUpdateAsync(
            s => s.SetProperty(a => a.RenewalAt, now).SetProperty(a => a.RenewalCode, hash), ct), ct);
    }
}
