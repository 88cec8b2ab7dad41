using System.Globalization;
using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Passwords;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <param name="Username">User name or e-mail address.</param>
public sealed record LoginRequest(string Username, string Password);

static class Login
{
    const int MaxNameLength = 254;

    public static async Task<Results<Ok<TokenAnswer>, ProblemHttpResult>> Handle(
        LoginRequest request, Caller caller, UsersDb db, LoginLimiter limiter, PasswordHasher passwords, Tokens tokens,
        Outbox outbox, Audit audit, TimeProvider clock, CancellationToken ct)
    {
        if (Check(request) is { } wrong)
            return wrong;
        var name = AccountRules.Normalize(request.Username);
        var named = name.Contains('@')
            ? db.Users.Where(u => u.NormalizedEmail == name)
            : db.Users.Where(u => u.NormalizedUsername == name);
        var user = await named.AsNoTracking().SingleOrDefaultAsync(ct);
        using var turn = passwords.TryTakeTurn();
        if (turn is null)
            return PasswordHasher.Busy;
        var target = LoginLimiter.TargetOf(user?.Id, name);
        var (attempt, lockedFor) = await limiter.TryBeginAsync(target, ct);
        if (lockedFor is { } wait)
            return Locked(wait);
        if (!await turn.VerifyAsync(request.Password, user?.PasswordHash, ct))
        {
            if (user is not null)
            {
                outbox.Add(new UserLoginFailed(user.Id, user.Username, attempt, clock.GetUtcNow(), caller.IpAddress));
                audit.Add(user.Id, Acts.LoginFailed, $"failure {attempt} in a row");
            }
            await db.SaveChangesAsync(ct);
            return Problems.Of(401, "invalid-credentials", "User name or password is wrong.");
        }
        if (turn.IsOld(user!.PasswordHash))
            await RenewHashAsync(db, user, await turn.HashAsync(request.Password, ct), ct);
        await limiter.ForgetAsync(target, ct);
        audit.Add(user.Id, Acts.LoggedIn, actorId: user.Id);
        return TypedResults.Ok(await tokens.BeginAsync(user, caller, ct));
    }

    static Task RenewHashAsync(UsersDb db, User user, string hash, CancellationToken ct) => db.InTransactionAsync(() =>
        db.Users.Where(u => u.Id == user.Id && u.PasswordHash == user.PasswordHash)
            .ExecuteUpdateAsync(s => s.SetProperty(u => u.PasswordHash, hash), ct), ct);

    static ProblemHttpResult? Check(LoginRequest request) => new FieldErrors()
        .Check(request.Username.Length is > 0 and <= MaxNameLength && !request.Username.Any(char.IsControl),
            "username", "username is your user name or e-mail address.")
        .Check(request.Password.Length is > 0 and <= PasswordRules.MaxLength,
            "password", "password has at most 128 characters.")
        .Problem;

    static ProblemHttpResult Locked(TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        return Problems.Of(429, "too-many-attempts",
            string.Create(CultureInfo.InvariantCulture, $"Too many failed attempts; try again in {seconds} s."),
            ("retryAfterSeconds", seconds));
    }
}
