using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;
using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.Actors;

/// <summary>The actors that this sidecar's app hosts: calls in turns, and who is active.</summary>
sealed class ActorTable(ActorApp app, ResiliencyPolicies policies, TimeProvider time) : IDisposable
{
    /// <summary>Most timers and reminders at the app at once: many may be due together, as after a start.</summary>
    const int CallbacksAtOnce = 256;

    readonly SemaphoreSlim _callbacks = new(CallbacksAtOnce);
    readonly ConcurrentDictionary<ActorKey, ActiveActor> _active = new();
    FrozenDictionary<string, ActorSettings> _types = FrozenDictionary<string, ActorSettings>.Empty;

    /// <summary>An actor became active.</summary>
    public event Action<ActiveActor>? Activated;

    public IEnumerable<ActiveActor> Active => _active.Values;

    public IReadOnlyCollection<string> Types => _types.Keys;

    /// <summary>From now on these types are hosted and no others.</summary>
    public void Host(IReadOnlyDictionary<string, ActorSettings> types) =>
        Volatile.Write(ref _types, types.ToFrozenDictionary());

    public bool Hosts(string type) => Volatile.Read(ref _types).ContainsKey(type);

    public bool IsActive(ActorKey actor) => _active.ContainsKey(actor);

    public ActiveActor? Find(ActorKey actor) => _active.GetValueOrDefault(actor);

    public void Remove(ActiveActor actor) => _active.TryRemove(new(actor.Key, actor));

    /// <summary>Calls the actor in its turn; it is activated if it was not.</summary>
    /// <returns>Null: it was deactivated before its turn came; whoever still wants it must find it anew.</returns>
    /// <exception cref="ActorNotHostedException">Not a type that is hosted here now.</exception>
    /// <exception cref="ActorFailedException">The app did not answer 200.</exception>
    public async Task<ActorAnswer?> CallAsync(ActorCall call, CancellationToken ct)
    {
        var actor = Activate(call.Actor);
        var reentrant = call.Nests && actor.Settings.Reentrancy.Enabled;
        var chain = reentrant ? call.ReentrancyId ?? Guid.NewGuid().ToString() : null;
        await actor.Turns.EnterAsync(chain, ct);
        try
        {
            if (actor.IsClosed)
                return null;
            return call.Nests
                ? await SendAsync(chain is null ? call : call.WithHeader(ActorCall.ReentrancyHeader, chain), ct)
                : await CallBackAsync(call, ct);
        }
        finally
        {
            actor.Used(time.GetUtcNow());
            actor.Turns.Leave();
        }
    }

    public void Dispose() => _callbacks.Dispose();

    ActiveActor Activate(ActorKey key)
    {
        if (!Volatile.Read(ref _types).TryGetValue(key.Type, out var settings))
            throw new ActorNotHostedException(key);
        if (_active.TryGetValue(key, out var known))
            return known;
        var fresh = new ActiveActor(key, settings, time.GetUtcNow());
        var actor = _active.GetOrAdd(key, fresh);
        if (ReferenceEquals(actor, fresh))
            Activated?.Invoke(fresh);
        return actor;
    }

    async Task<ActorAnswer> CallBackAsync(ActorCall call, CancellationToken ct)
    {
        await _callbacks.WaitAsync(ct);
        try
        {
            return await SendAsync(call, ct);
        }
        finally
        {
            _callbacks.Release();
        }
    }

    /// <summary>
    /// The turn is kept over the tries of the policy, so that its time-out counts the app's time alone.
    /// </summary>
    async Task<ActorAnswer> SendAsync(ActorCall call, CancellationToken ct)
    {
        var answer = await policies.ForActor(call.Actor.Type, call.Actor.Id)
            .RunAsync(t => app.CallAsync(call, t), a => a.Status is 200 or 404 ? null : a.Status, ct);
        return answer.Status switch
        {
            200 => answer,
            404 => throw new ActorFailedException($"actor method not found: {call.Actor.Path}/method/{call.Method}"),
            _ => throw new ActorFailedException(
                $"error from actor service: ({answer.Status}) {Encoding.UTF8.GetString(answer.Body)}"),
        };
    }
}
