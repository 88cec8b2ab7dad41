using CloudPhone.Contracts;
using CloudPhone.Shared.Http;

namespace CloudPhone.Shared.Auth;

/// <summary>Asks the user service which of these sessions and API keys are over, however long ago.</summary>
/// <param name="Sids">At most <see cref="MaxSids"/>.</param>
public sealed record OverSidsRequest(IReadOnlyList<Guid> Sids)
{
    /// <summary>Where it is asked.</summary>
    public const string Path = "/internal/sessions/over";
    /// <summary>In one question.</summary>
    public const int MaxSids = 500;
}

/// <param name="Sids">Those of the question that were ended, have expired, or never were.</param>
public sealed record OverSidsAnswer(IReadOnlyList<Guid> Sids);

/// <summary>Asks which sessions and API keys are over, however many there are.</summary>
public static class OverSids
{
    /// <param name="users">The user service.</param>
    /// <param name="sids">In question.</param>
    /// <param name="ct">Ends the asking.</param>
    /// <returns>Those that were ended, have expired, or never were.</returns>
    /// <exception cref="SiblingUnavailableException">It is not known at the moment.</exception>
    public static async Task<IReadOnlySet<Guid>> OverAsync(
        this Sibling users, IEnumerable<Guid> sids, CancellationToken ct)
    {
        var over = new HashSet<Guid>();
        foreach (var some in sids.Distinct().Chunk(OverSidsRequest.MaxSids))
            over.UnionWith((await users.PostAsync<OverSidsAnswer>(
                OverSidsRequest.Path, new OverSidsRequest(some), Guid.NewGuid().ToString(), ct)
                ?? throw new SiblingUnavailableException(AppIds.Users, null)).Sids);
        return over;
    }
}
