using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Passwords;

/// <summary>
/// Asks a signed-in user for the password again, before what a stolen token must not do. Guesses are slowed down as at
/// a login, but by a count of their own: they lock nobody's login.
/// </summary>
sealed class PasswordCheck(AttemptCounter attempts, AttemptQueue queue, Audit audit)
{
    public const string Rule = "currentPassword is your password.";
    static readonly Pace Guesses = Pace.Minutes(4);

    /// <param name="field">By which the request gives it.</param>
    /// <returns>Null: it is the user's password.</returns>
    public async Task<ProblemHttpResult?> RefuseAsync(
        User user, string password, PasswordHasher.Turn turn, CancellationToken ct,
        string field = "currentPassword")
    {
        var key = AttemptCounter.Key($"confirmation by {user.Id}");
        using var alone = await queue.EnterAsync(key, ct);
        var (attempt, lockedFor) = await attempts.TryBeginAsync(key, Guesses, ct);
        if (lockedFor is { } wait)
            return Login.Locked(wait);
        if (!await turn.VerifyAsync(password, user.PasswordHash, ct))
        {
            await audit.AddFailureAsync(user.Id, Acts.PasswordCheckFailed, attempt, ct);
            return Problems.Forbidden("invalid-credentials", $"{field} is wrong.");
        }
        await attempts.ForgetAsync(ct, key);
        return null;
    }
}
