using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.TwoFactor;

public sealed record TwoFactorCode(string Code);

/// <param name="RecoveryCodes">Shown this once; each takes the place of a code once.</param>
public sealed record RecoveryCodesAnswer(IReadOnlyList<string> RecoveryCodes);

/// <summary>A code of the app turns two-factor on.</summary>
static class Enable
{
    /// <summary>A setup that nobody finishes is void after that.</summary>
    static readonly TimeSpan SetupKept = TimeSpan.FromHours(1);
    static readonly Pace Guesses = Pace.Minutes(4);

    public static ProblemHttpResult AlreadyOn =>
        Problems.Conflict("two-factor-on", "Two-factor is on already: turn it off to set up another app.");

    static ProblemHttpResult NotSetUp => Problems.Conflict("two-factor-not-set-up", "Set up an app first.");

    public static async Task<Results<Ok<RecoveryCodesAnswer>, ProblemHttpResult>> Handle(
        TwoFactorCode request, CurrentUser caller, UsersDb db, AttemptCounter attempts, AttemptQueue queue,
        AuthenticatorSecrets secrets, Outbox outbox, Audit audit, TimeProvider clock, CancellationToken ct)
    {
        if (Check(request.Code).Problem is { } wrong)
            return wrong;
        // who has only somebody's token could guess what the owner's app shows
        var key = AttemptCounter.Key($"two-factor setup of {caller.Id}");
        using var alone = await queue.EnterAsync(key, ct);
        var now = clock.GetUtcNow();
        if (await db.Authenticators.AsNoTracking().SingleOrDefaultAsync(a => a.UserId == caller.Id, ct) is not { } mine)
            return NotSetUp;
        if (mine.EnabledAt is not null)
            return AlreadyOn;
        if (mine.CreatedAt < now - SetupKept)
            return NotSetUp;
        var (attempt, lockedFor) = await attempts.TryBeginAsync(key, Guesses, ct);
        if (lockedFor is { } wait)
            return Login.Locked(wait);
        if (secrets.StepOf(mine, SecondFactor.Plain(request.Code)) is not { } step)
        {
            await audit.AddFailureAsync(caller.Id, Acts.CodeCheckFailed, attempt, ct);
            return SecondFactor.Wrong();
        }
        await attempts.ForgetAsync(ct, key);
        var codes = await db.InTransactionAsync(async () =>
        {
            var turnedOn = await db.Authenticators
                .Where(a => a.UserId == caller.Id && a.EnabledAt == null && a.CreatedAt == mine.CreatedAt)
                .ExecuteUpdateAsync(
                    s => s.SetProperty(a => a.EnabledAt, now).SetProperty(a => a.LastUsedStep, step), ct);
            if (turnedOn == 0)
                return null;
            var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == caller.Id, ct);
            outbox.Add(new UserTwoFactorEnabled(user.Id, user.Username, user.Email, now));
            audit.Add(user.Id, Acts.TwoFactorEnabled);
            var made = await RecoveryCodes.RenewAsync(db, user.Id, ct);
            await db.SaveChangesAsync(ct);
            return made;
        }, ct);
        return codes is null ? AlreadyOn : TypedResults.Ok(new RecoveryCodesAnswer(codes));
    }

    public static FieldErrors Check(string code) => new FieldErrors()
        .Check(code.Length is > 0 and <= SecondFactor.MaxLength,
            "code", "code is what the app shows, or a recovery code.");
}
