using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.State.InMemory;

/// <summary><c>state.in-memory</c>: lives as long as its sidecar.</summary>
sealed class InMemoryStateStore : IActorStateStore, IDisposable
{
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(10);

    readonly Dictionary<string, StateRow> _rows = [];
    readonly Lock _lock = new();
    readonly TimeProvider _time;
    readonly TimeSpan? _defaultTimeToLive;
    readonly ITimer _sweeper;

    public InMemoryStateStore(TimeProvider time, TimeSpan? defaultTimeToLive = null)
    {
        (_time, _defaultTimeToLive) = (time, defaultTimeToLive);
        _sweeper = time.CreateTimer(_ => RemoveExpired(), null, Sweep, Sweep);
    }

    /// <summary>Keys in memory, expired ones that were not yet removed among them.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
                return _rows.Count;
        }
    }

    public IActorPlacement? PlacementOf(string appId) => null;

    public IReminderStore RemindersOf(string appId) => new LocalReminders(new NoReminderTable(), _time);

    public static Task<object> CreateAsync(Component component, IServiceProvider services, CancellationToken ct)
    {
        var common = StateStoreMetadata.Read(component, services);
        component.Metadata.RejectUnknown();
        return Task.FromResult<object>(
            new InMemoryStateStore(services.GetRequiredService<TimeProvider>(), common.DefaultTimeToLive));
    }

    public Task<StateValue?> GetAsync(string key, CancellationToken ct)
    {
        lock (_lock)
            return Task.FromResult(Find(key, _time.GetUtcNow())?.ToValue());
    }

    public Task<IReadOnlyList<StateValue?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        lock (_lock)
            return Task.FromResult<IReadOnlyList<StateValue?>>([.. keys.Select(k => Find(k, now)?.ToValue())]);
    }

    public Task WriteAsync(IReadOnlyList<StateWrite> writes, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        var after = new Dictionary<string, StateRow?>();
        lock (_lock)
        {
            foreach (var w in writes)
            {
                var current = after.TryGetValue(w.Key, out var row) ? row : Find(w.Key, now);
                after[w.Key] = StateRow.After(current, w, _defaultTimeToLive, now);
            }
            foreach (var (key, row) in after)
                if (row is null)
                    _rows.Remove(key);
                else
                    _rows[key] = row;
        }
        return Task.CompletedTask;
    }

    public void Dispose() => _sweeper.Dispose();

    StateRow? Find(string key, DateTimeOffset now) =>
        _rows.TryGetValue(key, out var row) && !row.IsExpired(now) ? row : null;

    void RemoveExpired()
    {
        var now = _time.GetUtcNow();
        lock (_lock)
            foreach (var key in _rows.Where(r => r.Value.IsExpired(now)).Select(r => r.Key).ToList())
                _rows.Remove(key);
    }
}
