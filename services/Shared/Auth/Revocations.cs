using System.Collections.Concurrent;

namespace CloudPhone.Shared.Auth;

/// <summary>
/// The sessions that have ended lately, as the user service told this process. While that is away the last that it
/// said holds.
/// </summary>
public sealed class Revocations(TimeProvider clock) : IRevocations
{
    /// <summary>How long a sid is known as revoked: the life of an access token, and clocks that differ.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(16);

    readonly ConcurrentDictionary<Guid, Known> _known = new();
    readonly ConcurrentBag<Action<Guid>> _actions = [];

    /// <param name="GoodSince">Null: it is not good again.</param>
    readonly record struct Known(DateTimeOffset Until, DateTimeOffset? GoodSince);

    /// <inheritdoc/>
    public ValueTask<bool> IsRevokedAsync(Guid sid, DateTimeOffset issuedAt, CancellationToken ct) =>
        new(IsRevoked(sid, issuedAt));

    /// <summary>True where what a session, or an API key, gave at that time is worth nothing any more.</summary>
    public bool IsRevoked(Guid sid, DateTimeOffset issuedAt) =>
        _known.TryGetValue(sid, out var known) && (known.GoodSince is not { } since || issuedAt < since);

    /// <summary>True for a session, or an API key, whose tokens are all worth nothing now.</summary>
    public bool Contains(Guid sid) => IsRevoked(sid, DateTimeOffset.MaxValue);

    /// <summary>Runs for each sid that becomes revoked from now on. It must not throw, and not wait.</summary>
    public void WhenRevoked(Action<Guid> act) => _actions.Add(act);

    internal void Add(RevocationFeed feed)
    {
        var now = clock.GetUtcNow();
        foreach (var renewed in feed.Renewed ?? [])
            Add(renewed.Sid, new(now + Kept, renewed.Since));
        foreach (var sid in feed.Sids)
            Add(sid, new(now + Kept, null));
        foreach (var (sid, known) in _known)
            if (known.Until < now)
                _known.TryRemove(sid, out _);
    }

    void Add(Guid sid, Known known)
    {
        // one that is good again was revoked before: where this process did not hear of it in time, it acts now
        var acts = !_known.TryGetValue(sid, out var before)
            || (before.GoodSince is { } since && known.GoodSince != since);
        _known[sid] = known;
        if (acts)
            foreach (var act in _actions)
                act(sid);
    }
}
