namespace CloudPhone.Sidecar.State;

/// <summary>The reminders of an app that has one sidecar: all in memory, and in a table for the next start.</summary>
sealed class LocalReminders(IReminderTable table, TimeProvider time) : IReminderStore, IDisposable
{
    static readonly Comparer<Entry> ByTime =
        Comparer<Entry>.Create((a, b) => (a.At, a.Order).CompareTo((b.At, b.Order)));

    readonly SemaphoreSlim _turn = new(1);
    readonly Dictionary<ReminderKey, Entry> _all = [];
    readonly SortedSet<Entry> _byTime = new(ByTime);
    long _order;
    bool _loaded;

    public Task<ReminderRecord?> FindAsync(ReminderKey key, CancellationToken ct) =>
        RunAsync(() => Task.FromResult(_all.GetValueOrDefault(key)?.Record), ct);

    public Task<bool> PutAsync(ReminderRecord reminder, bool replace, CancellationToken ct) => RunAsync(async () =>
    {
        if (!replace && _all.ContainsKey(reminder.Key))
            return false;
        await KeepAsync(reminder, ct);
        return true;
    }, ct);

    public Task DeleteAsync(ReminderKey key, CancellationToken ct) => RunAsync(async () =>
    {
        await RemoveAsync(key, ct);
        return true;
    }, ct);

    public Task<DueReminders> TakeDueAsync(int most, TimeSpan hold, CancellationToken ct) => RunAsync(() =>
    {
        var now = time.GetUtcNow();
        List<Entry> due = [.. _byTime.TakeWhile(e => e.At <= now).Take(most)];
        foreach (var entry in due)
            Set(entry.Record, now + hold);
        var wait = _byTime.Count == 0 ? (TimeSpan?)null : _byTime.Min!.At - now;
        return Task.FromResult(new DueReminders(
            [.. due.Select(e => e.Record)], wait < TimeSpan.Zero ? TimeSpan.Zero : wait));
    }, ct);

    public Task<IReadOnlyList<ReminderRecord>> HoldAsync(
        IReadOnlyList<ReminderRecord> taken, TimeSpan hold, CancellationToken ct) => RunAsync(() =>
    {
        IReadOnlyList<ReminderRecord> still = [.. taken.Where(IsCurrent)];
        foreach (var record in still)
            Set(record, time.GetUtcNow() + hold);
        return Task.FromResult(still);
    }, ct);

    public Task CompleteAsync(ReminderRecord taken, ReminderRecord? next, CancellationToken ct) => RunAsync(async () =>
    {
        if (!IsCurrent(taken))
            return false;
        if (next is null)
            await RemoveAsync(taken.Key, ct);
        else
            await KeepAsync(next, ct);
        return true;
    }, ct);

    public void Dispose() => _turn.Dispose();

    /// <summary>One at a time, so that memory and table agree.</summary>
    async Task<T> RunAsync<T>(Func<Task<T>> action, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (!_loaded)
                foreach (var record in await table.LoadAsync(ct))
                    Set(Ticked(record), record.NextAt);
            _loaded = true;
            return await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    async Task KeepAsync(ReminderRecord record, CancellationToken ct)
    {
        await table.PutAsync(record, ct);
        Set(Ticked(record), record.NextAt);
    }

    async Task RemoveAsync(ReminderKey key, CancellationToken ct)
    {
        await table.DeleteAsync(key, ct);
        if (_all.Remove(key, out var gone))
            _byTime.Remove(gone);
    }

    void Set(ReminderRecord record, DateTimeOffset at)
    {
        if (_all.Remove(record.Key, out var before))
            _byTime.Remove(before);
        var entry = new Entry(record, at, _order++);
        _all.Add(record.Key, entry);
        _byTime.Add(entry);
    }

    bool IsCurrent(ReminderRecord record) => _all.GetValueOrDefault(record.Key)?.Record.Tick == record.Tick;

    static ReminderRecord Ticked(ReminderRecord record) => record with { Tick = $"{Guid.NewGuid():N}" };

    sealed record Entry(ReminderRecord Record, DateTimeOffset At, long Order);
}
