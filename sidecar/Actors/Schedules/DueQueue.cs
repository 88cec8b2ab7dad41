namespace CloudPhone.Sidecar.Actors.Schedules;

/// <summary>Things that are due at some time, with one timer for all: the next one's.</summary>
/// <param name="onDue">Called for each when it is due and taken off; must return at once.</param>
sealed class DueQueue<TKey>(TimeProvider time, Action<TKey> onDue) : IDisposable
    where TKey : notnull
{
    /// <summary>
    /// The timer wakes at least this often, so that a clock that is set does not keep anything waiting.
    /// </summary>
    static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    static readonly Comparer<(DateTimeOffset At, long Order, TKey Key)> ByTime =
        Comparer<(DateTimeOffset At, long Order, TKey Key)>.Create((a, b) =>
            (a.At, a.Order).CompareTo((b.At, b.Order)));

    readonly Lock _lock = new();
    readonly SortedSet<(DateTimeOffset At, long Order, TKey Key)> _entries = new(ByTime);
    readonly Dictionary<TKey, (DateTimeOffset At, long Order, TKey Key)> _byKey = [];
    ITimer? _timer;
    long _order;
    bool _disposed;

    /// <summary>Makes it due then, in place of when it was.</summary>
    public void Set(TKey key, DateTimeOffset at)
    {
        lock (_lock)
        {
            Take(key);
            var entry = (at, Order: _order++, key);
            _byKey.Add(key, entry);
            _entries.Add(entry);
            if (_entries.Min.Order == entry.Order)
                Arm();
        }
    }

    public void Remove(TKey key)
    {
        lock (_lock)
            Take(key);
    }

    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
            _byKey.Clear();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    void Take(TKey key)
    {
        if (_byKey.Remove(key, out var entry))
            _entries.Remove(entry);
    }

    void Arm()
    {
        if (_disposed || _entries.Count == 0)
            return;
        var wait = _entries.Min.At - time.GetUtcNow();
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestSleep ? wait : LongestSleep;
        // timers tick in whole milliseconds: one that wakes early would find nothing due yet
        wait = TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        _timer ??= time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    void Fire()
    {
        List<TKey> due = [];
        lock (_lock)
        {
            var now = time.GetUtcNow();
            while (_entries.Count > 0 && _entries.Min.At <= now)
            {
                due.Add(_entries.Min.Key);
                Take(_entries.Min.Key);
            }
            Arm();
        }
        foreach (var key in due)
            onDue(key);
    }
}
