using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Sessions;

/// <summary>
/// What a login is aimed at: what was typed, whether anybody has it or not. An account's name and its address are
/// counted apart: a lock of both by guesses at one would tell that they are the same account's.
/// </summary>
/// <param name="UserId">Whose it is; null: nobody's.</param>
/// <param name="Account">From anywhere.</param>
/// <param name="FromHere">The same from the caller's address.</param>
sealed record LoginTarget(Guid? UserId, string Account, string FromHere);

/// <summary>
/// Slows guessing down, never for good, and without letting one who guesses lock the owner out. From one address the
/// fifth failure in a row locks the account for a minute, each further one for twice as long, up to 15 minutes: for
/// that address. From all addresses together the twentieth makes everybody wait for some seconds, a minute at most,
/// except at addresses where the owner has logged in before. Success forgets them all.
/// </summary>
sealed class LoginLimiter(UsersDb db, AttemptCounter attempts, IHttpContextAccessor http)
{
    static readonly Pace OneAddress = Pace.Minutes(4);
    static readonly Pace AllAddresses = Pace.Seconds(19);

    string? Address => http.HttpContext is { } context ? Caller.Of(context).IpAddress : null;

    public LoginTarget TargetOf(Guid? userId, string name)
    {
        var account = $"name {name}";
        return new(userId, AttemptCounter.Key(account), AttemptCounter.Key($"{account} from {Address}"));
    }

    /// <returns>The number of this attempt, from all addresses, or for how long there is none.</returns>
    public async Task<(int Attempt, TimeSpan? LockedFor)> TryBeginAsync(LoginTarget target, CancellationToken ct)
    {
        var isKnown = await IsKnownAsync(target.UserId, ct);
        if (await attempts.LockedForAsync(target.Account, ct) is { } wait && !isKnown)
            return (0, wait);
        var (_, lockedFor) = await attempts.TryBeginAsync(target.FromHere, OneAddress, ct);
        return lockedFor is not null ? (0, lockedFor)
            : await attempts.TryBeginAsync(target.Account, AllAddresses, ct, isExempt: isKnown);
    }

    /// <summary>The owner has had a session there.</summary>
    Task<bool> IsKnownAsync(Guid? userId, CancellationToken ct)
    {
        var (id, address) = (userId ?? Guid.Empty, Address);
        return db.Sessions.AnyAsync(s => s.UserId == id && s.IpAddress == address && s.IpAddress != null, ct);
    }

    public Task ForgetAsync(LoginTarget target, CancellationToken ct) =>
        attempts.ForgetAsync(ct, target.Account, target.FromHere);
}
