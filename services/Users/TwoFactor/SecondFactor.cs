using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.TwoFactor;

/// <summary>
/// Takes codes of the app, and recovery codes. Each is good once: the statement that uses it up decides, so that of
/// many who show the same one at once a single one gets in. Guesses are slowed down like those of passwords, wherever
/// they come from: only who has the password, or a token, can make any.
/// </summary>
sealed class SecondFactor(
    UsersDb db, AuthenticatorSecrets secrets, AttemptCounter attempts, AttemptQueue queue, FailedLogins failures,
    Audit audit, TimeProvider clock)
{
    public const int MaxLength = 64;
    const int Unauthorized = StatusCodes.Status401Unauthorized;
    static readonly Pace Guesses = Pace.Minutes(4);

    public static ProblemHttpResult Wrong(int status = StatusCodes.Status403Forbidden) =>
        Problems.Of(status, "otp-invalid", "The code is wrong, too old, or was used before.");

    /// <summary>After the right password.</summary>
    /// <param name="wasGood">What <see cref="IsGoodAsync"/> said when the request came.</param>
    /// <returns>Null: two-factor is off, or the code is right.</returns>
    public Task<ProblemHttpResult?> RefuseLoginAsync(User user, string? code, bool wasGood, CancellationToken ct) =>
        RefuseIfOnAsync(user, code, wasGood, Unauthorized, ct);

    /// <summary>Beside the password, before what a stolen token must not do.</summary>
    /// <param name="wasGood">What <see cref="IsGoodAsync"/> said when the request came.</param>
    /// <returns>Null: two-factor is off, or the code is right.</returns>
    public Task<ProblemHttpResult?> RefuseIfOnAsync(User user, string? code, bool wasGood, CancellationToken ct) =>
        RefuseIfOnAsync(user, code, wasGood, StatusCodes.Status403Forbidden, ct);

    async Task<ProblemHttpResult?> RefuseIfOnAsync(
        User user, string? code, bool wasGood, int status, CancellationToken ct) =>
        !await IsOnAsync(user.Id, ct) ? null
        : code is { Length: > 0 } ? await RefuseAsync(user, code, wasGood, status, ct)
        : Problems.Of(status, "otp-required", "Send the code of your authenticator app as otp.");

    /// <param name="wasGood">What <see cref="IsGoodAsync"/> said when the request came.</param>
    /// <param name="beforeUse">Done once the attempt counts, and before the code is used up.</param>
    /// <returns>Null: it is right, and used up.</returns>
    public Task<ProblemHttpResult?> RefuseAsync(
        User user, string code, bool wasGood, CancellationToken ct, Func<Task>? beforeUse = null) =>
        RefuseAsync(user, code, wasGood, StatusCodes.Status403Forbidden, ct, beforeUse);

    /// <param name="wasGood">It was, when the request came: if it is used by now, a twin of this very request was
    /// faster, which is no guess.</param>
    async Task<ProblemHttpResult?> RefuseAsync(
        User user, string code, bool wasGood, int status, CancellationToken ct, Func<Task>? beforeUse = null)
    {
        var key = AttemptCounter.Key($"code of {user.Id}");
        using var turn = await queue.EnterAsync(key, ct);
        var (attempt, lockedFor) = await attempts.TryBeginAsync(key, Guesses, ct);
        if (lockedFor is { } wait)
            return Login.Locked(wait);
        if (beforeUse is not null)
            await beforeUse();
        if (await TryUseAsync(user.Id, code, ct))
        {
            await attempts.ForgetAsync(ct, key);
            return null;
        }
        if (wasGood)
            await attempts.TakeBackAsync(key, Guesses, attempt, ct);
        else if (status == Unauthorized)
            await failures.AddAsync(user.Id, attempt, ct);
        else
            await audit.AddFailureAsync(user.Id, Acts.CodeCheckFailed, attempt, ct);
        return Wrong(status);
    }

    /// <summary>Uses nothing up, and must be told to nobody.</summary>
    public async Task<bool> IsGoodAsync(Guid userId, string? code, CancellationToken ct)
    {
        var plain = Plain(code ?? "");
        if (plain.Length == AuthenticatorSecrets.CodeLength)
            return await db.Authenticators.AsNoTracking()
                    .SingleOrDefaultAsync(a => a.UserId == userId && a.EnabledAt != null, ct) is { } authenticator
                && secrets.StepOf(authenticator, plain) is { } step && authenticator.LastUsedStep < step;
        if (!RecoveryCodes.IsCode(plain))
            return false;
        var hash = RecoveryCodes.HashOf(plain);
        return await db.RecoveryCodes.AnyAsync(c => c.UserId == userId && c.Hash == hash && c.UsedAt == null, ct);
    }

    public Task<bool> IsOnAsync(Guid userId, CancellationToken ct) =>
        db.Authenticators.AnyAsync(a => a.UserId == userId && a.EnabledAt != null, ct);

    /// <returns>False: it is wrong or was used before.</returns>
    Task<bool> TryUseAsync(Guid userId, string code, CancellationToken ct)
    {
        var plain = Plain(code);
        return plain.Length == AuthenticatorSecrets.CodeLength ? TryUseCodeAsync(userId, plain, ct)
            : RecoveryCodes.IsCode(plain) ? TryUseRecoveryCodeAsync(userId, plain, ct)
            : Task.FromResult(false);
    }

    /// <summary>As people copy them: with spaces, or hyphens.</summary>
    public static string Plain(string code) => string.Concat(code.Where(c => c is not (' ' or '-')));

    async Task<bool> TryUseCodeAsync(Guid userId, string code, CancellationToken ct)
    {
        var mine = db.Authenticators.Where(a => a.UserId == userId && a.EnabledAt != null);
        if (await mine.AsNoTracking().SingleOrDefaultAsync(ct) is not { } authenticator
            || secrets.StepOf(authenticator, code) is not { } step)
            return false;
        return await db.InTransactionAsync(() => mine.Where(a => a.LastUsedStep < step)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.LastUsedStep, step), ct), ct) == 1;
    }

    Task<bool> TryUseRecoveryCodeAsync(Guid userId, string code, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
    {
        var (hash, now) = (RecoveryCodes.HashOf(code), clock.GetUtcNow());
        var used = await db.RecoveryCodes.Where(c => c.UserId == userId && c.Hash == hash && c.UsedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.UsedAt, now), ct);
        if (used == 0)
            return false;
        audit.Add(userId, Acts.RecoveryCodeUsed, actorId: userId);
        await db.SaveChangesAsync(ct);
        return true;
    }, ct);
}
