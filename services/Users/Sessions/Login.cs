using System.Globalization;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Passwords;
using CloudPhone.Users.TwoFactor;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <param name="Username">User name or e-mail address.</param>
/// <param name="NewPassword">Taken where the password is good for one login only.</param>
/// <param name="Otp">A code of the authenticator app, or a recovery code, where two-factor is on.</param>
public sealed record LoginRequest(
    string Username, string Password, string? NewPassword = null, string? Otp = null);

static class Login
{
    const int MaxNameLength = 254;

    static ProblemHttpResult Wrong => Problems.Of(401, "invalid-credentials", "User name or password is wrong.");

    public static async Task<Results<Ok<TokenAnswer>, ProblemHttpResult>> Handle(
        LoginRequest request, Caller caller, UsersDb db, LoginLimiter limiter, AttemptQueue queue,
        PasswordHasher passwords, SecondFactor second, FailedLogins failures, Tokens tokens, NewPassword newPassword,
        Audit audit, CancellationToken ct)
    {
        if (Check(request) is { } wrong)
            return wrong;
        var name = AccountRules.Normalize(request.Username);
        var named = name.Contains('@')
            ? db.Users.Where(u => u.NormalizedEmail == name)
            : db.Users.Where(u => u.NormalizedUsername == name);
        var user = await named.AsNoTracking().SingleOrDefaultAsync(ct);
        var wasGood = await second.IsGoodAsync(user?.Id ?? Guid.Empty, request.Otp, ct);
        using var turn = passwords.TryTakeTurn();
        if (turn is null)
            return PasswordHasher.Busy;
        var target = limiter.TargetOf(user?.Id, name);
        using (await queue.EnterAsync(target.Account, ct))
        {
            var (attempt, lockedFor) = await limiter.TryBeginAsync(target, ct);
            if (lockedFor is { } wait)
                return Locked(wait);
            if (!await turn.VerifyAsync(request.Password, user?.PasswordHash, ct))
            {
                await failures.AddAsync(user?.Id, attempt, ct);
                return Wrong;
            }
            await limiter.ForgetAsync(target, ct);
        }
        // whoever has the password may know what is the matter with the account
        if (user!.SuspendedAt is not null)
            return Problems.Forbidden("suspended", "This account is suspended; ask the operators.");
        if (await second.RefuseLoginAsync(user, request.Otp, wasGood, ct) is { } withoutCode)
            return withoutCode;
        if (user.MustChangePassword)
        {
            if (await ReplaceAsync(request, user, turn, newPassword, ct) is { } refused)
                return refused;
            user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == user.Id, ct);
        }
        else if (turn.IsOld(user.PasswordHash))
            await RenewHashAsync(db, user, await turn.HashAsync(request.Password, ct), ct);
        audit.Add(user.Id, Acts.LoggedIn, actorId: user.Id);
        return await tokens.BeginAsync(user, caller, ct) is { } answer ? TypedResults.Ok(answer) : Wrong;
    }

    static async Task<ProblemHttpResult?> ReplaceAsync(
        LoginRequest request, User user, PasswordHasher.Turn turn, NewPassword newPassword, CancellationToken ct)
    {
        if (request.NewPassword is not { } password)
            return Problems.Forbidden("password-change-required",
                "This password is good for one login only: send a newPassword with it.");
        if (PasswordRules.Check(new(), "newPassword", password, user.Username, user.Email)
            .Check(password != request.Password, "newPassword", "newPassword is the old one.").Problem is { } wrong)
            return wrong;
        var hash = await turn.HashAsync(password, ct);
        return await newPassword.SetAsync(user.Id, user.PasswordHash, hash, Acts.PasswordChanged, null, ct)
            ? null : Wrong;
    }

    static Task RenewHashAsync(UsersDb db, User user, string hash, CancellationToken ct) => db.InTransactionAsync(() =>
        db.Users.Where(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash)
            .ExecuteUpdateAsync(s => s.SetProperty(u => u.PasswordHash, hash), ct), ct);

    static ProblemHttpResult? Check(LoginRequest request) => new FieldErrors()
        .Check(request.Username.Length is > 0 and <= MaxNameLength && !request.Username.Any(char.IsControl),
            "username", "username is your user name or e-mail address.")
        .Check(request.Password.Length is > 0 and <= PasswordRules.MaxLength,
            "password", "password has at most 128 characters.")
        .Check(!(request.NewPassword?.Length > PasswordRules.MaxLength), "newPassword", PasswordRules.LengthRule)
        .Check(request.Otp is null or { Length: <= SecondFactor.MaxLength }, "otp", "otp is a code or recovery code.")
        .Problem;

    /// <param name="what">There were too many of.</param>
    public static ProblemHttpResult Locked(TimeSpan wait, string what = "failed attempts")
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        return Problems.Of(429, "too-many-attempts",
            string.Create(CultureInfo.InvariantCulture, $"Too many {what}; try again in {seconds} s."),
            ("retryAfterSeconds", seconds));
    }
}
