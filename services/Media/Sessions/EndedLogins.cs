using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;

namespace CloudPhone.Media.Sessions;

/// <summary>
/// Asks the user service whether the logins of viewers are over. The feed of revocations tells within seconds, but only
/// what ended in the last minutes: whoever could not ask for longer finds out here.
/// </summary>
sealed class EndedLogins([FromKeyedServices(AppIds.Users)] Sibling users, LiveSessions sessions)
{
    /// <summary>Less than the feed goes back.</summary>
    public static readonly TimeSpan Pause = Revocations.Kept / 2;

    /// <exception cref="SiblingUnavailableException">It is not known at the moment.</exception>
    public async Task EndAsync(CancellationToken ct)
    {
        var over = await users.OverAsync(sessions.All.Where(s => s.Login is not null).Select(s => s.Login!.Value), ct);
        sessions.EndAll(s => s.Login is { } login && over.Contains(login), EndReasons.AccessLost);
    }
}
