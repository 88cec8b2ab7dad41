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

    readonly ConcurrentDictionary<Guid, DateTimeOffset> _until = new();
    readonly ConcurrentBag<Action<Guid>> _actions = [];

    /// <inheritdoc/>
    public ValueTask<bool> IsRevokedAsync(Guid sid, CancellationToken ct) => new(Contains(sid));

    /// <summary>True for a session, or an API key, whose tokens are worth nothing any more.</summary>
    public bool Contains(Guid sid) => _until.ContainsKey(sid);

    /// <summary>Runs for each sid that becomes revoked from now on. It must not throw, and not wait.</summary>
    public void WhenRevoked(Action<Guid> act) => _actions.Add(act);

    internal void Add(IEnumerable<Guid> sids)
    {
        var now = clock.GetUtcNow();
        foreach (var sid in sids)
            if (_until.TryAdd(sid, now + Kept))
                foreach (var act in _actions)
                    act(sid);
        foreach (var (sid, until) in _until)
            if (until < now)
                _until.TryRemove(sid, out _);
    }
}
