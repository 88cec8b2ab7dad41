namespace CloudPhone.Shared.Auth;

/// <summary>Which sessions have ended before their access tokens: such tokens are refused.</summary>
public interface IRevocations
{
    /// <param name="sid">The token's <c>sid</c>: a session, or an API key.</param>
    /// <param name="issuedAt">The token's <c>iat</c>: a key that rested gives good tokens again.</param>
    ValueTask<bool> IsRevokedAsync(Guid sid, DateTimeOffset issuedAt, CancellationToken ct);
}

/// <summary>What the user service answers to the question which sessions have ended.</summary>
/// <param name="AsOf">What to ask the next question with.</param>
/// <param name="Sids">Worth nothing now, whenever their tokens were made.</param>
/// <param name="More">There are more at this moment: ask again at once.</param>
/// <param name="Renewed">Good again; null where the user service is of a version that does not tell.</param>
public sealed record RevocationFeed(
    DateTimeOffset AsOf, IReadOnlyList<Guid> Sids, bool More, IReadOnlyList<RenewedSid>? Renewed = null);

/// <summary>
/// An API key that rested while its owner was suspended. Sessions never come back: a token of one that was made as it
/// ended may be younger than its end.
/// </summary>
/// <param name="Since">Tokens with an earlier <c>iat</c> stay refused. In whole seconds, as <c>iat</c> is.</param>
public sealed record RenewedSid(Guid Sid, DateTimeOffset Since);
