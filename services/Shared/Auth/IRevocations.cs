namespace CloudPhone.Shared.Auth;

/// <summary>Which sessions have ended before their access tokens: such tokens are refused.</summary>
public interface IRevocations
{
    /// <param name="sid">The token's <c>sid</c>: a session, or an API key.</param>
    ValueTask<bool> IsRevokedAsync(Guid sid, CancellationToken ct);
}

/// <summary>What the user service answers to the question which sessions have ended.</summary>
/// <param name="AsOf">What to ask the next question with.</param>
/// <param name="More">There are more at this moment: ask again at once.</param>
public sealed record RevocationFeed(DateTimeOffset AsOf, IReadOnlyList<Guid> Sids, bool More);
