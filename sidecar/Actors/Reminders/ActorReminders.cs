using System.Collections.Concurrent;
using CloudPhone.Sidecar.Actors.Schedules;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.State;

namespace CloudPhone.Sidecar.Actors.Reminders;

/// <summary>
/// Reminders are kept in the actor state store before they are acknowledged and leave it after they fired: at
/// least once.
/// Those that were due while nothing ran fire once at the start.
/// </summary>
sealed partial class ActorReminders : IDisposable
{
    readonly ActorTable _table;
    readonly ActorStateStore _stores;
    readonly TimeProvider _time;
    readonly ILogger<ActorReminders> _log;
    readonly string _appId;
    readonly ConcurrentDictionary<ReminderKey, Reminder> _reminders = new();
    readonly DueQueue<Reminder> _due;
    readonly SemaphoreSlim _changes = new(1);
    volatile bool _running;

    public ActorReminders(
        ActorTable table, ActorStateStore stores, SidecarOptions options, TimeProvider time,
        ILogger<ActorReminders> log)
    {
        (_table, _stores, _appId, _time, _log) = (table, stores, options.AppId, time, log);
        _due = new(time, reminder => _ = FireAsync(reminder));
    }

    /// <summary>Takes up what the store has.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await _changes.WaitAsync(ct);
        try
        {
            var kept = await Store().LoadAsync(_appId, ct);
            _due.Clear();
            _reminders.Clear();
            foreach (var record in kept)
                Keep(new(record));
            _running = true;
            foreach (var reminder in _reminders.Values)
                Await(reminder, reminder.Record.NextAt);
        }
        finally
        {
            _changes.Release();
        }
    }

    /// <summary>Nothing fires any more; what is firing ends as it does, and the store keeps all others.</summary>
    public void Stop()
    {
        _running = false;
        _due.Clear();
    }

    public Reminder? Find(ReminderKey key) => _reminders.GetValueOrDefault(key);

    /// <summary>Kept when this returns.</summary>
    /// <exception cref="FormatException">As <see cref="ReminderRequest.ToRecord"/>.</exception>
    /// <exception cref="InvalidOperationException">There is one, and it is not to be overwritten.</exception>
    public Task PutAsync(ReminderKey key, ReminderRequest request, CancellationToken ct) => ChangeAsync(async () =>
    {
        if (!request.Overwrite && _reminders.ContainsKey(key))
            throw new InvalidOperationException($"there is a reminder {key.Name} already");
        var record = request.ToRecord(key, _time.GetUtcNow());
        await Store().PutAsync(_appId, record, ct);
        var reminder = new Reminder(record);
        Keep(reminder);
        Await(reminder, record.NextAt);
    }, ct);

    public Task DeleteAsync(ReminderKey key, CancellationToken ct) => ChangeAsync(() => RemoveAsync(key, ct), ct);

    public void Dispose()
    {
        _due.Dispose();
        _changes.Dispose();
    }

    async Task FireAsync(Reminder reminder)
    {
        try
        {
            await FireOnceAsync(reminder);
        }
        catch (ObjectDisposedException)
        {
            // the sidecar has ended; the store still has the reminder
        }
        catch (Exception e)
        {
            var key = reminder.Record.Key;
            LogStoreFailed(key.Name, key.ActorType, key.ActorId, e.Message);
            Await(reminder, _time.GetUtcNow() + Reminder.BetweenTries);
        }
    }

    async Task FireOnceAsync(Reminder reminder)
    {
        if (!IsCurrent(reminder))
            return;
        var outcome = reminder.IsExpired(_time.GetUtcNow()) ? Outcome.End : await CallAsync(reminder);
        if (outcome == Outcome.Again)
        {
            Await(reminder, _time.GetUtcNow() + (reminder.Misses > 0 ? reminder.WaitAfterMiss : Reminder.BetweenTries));
            return;
        }
        await ChangeAsync(async () =>
        {
            if (!IsCurrent(reminder))
                return;
            if (outcome == Outcome.End || reminder.Next(_time.GetUtcNow()) is not { } next)
            {
                await RemoveAsync(reminder.Record.Key, CancellationToken.None);
                return;
            }
            await Store().PutAsync(_appId, next.Record, CancellationToken.None);
            Keep(next);
            Await(next, next.Record.NextAt);
        }, CancellationToken.None);
    }

    /// <summary>An app that can't be reached uses up no try: the reminder waits for it.</summary>
    async Task<Outcome> CallAsync(Reminder reminder)
    {
        var key = reminder.Record.Key;
        try
        {
            var answer = await _table.CallAsync(reminder.Call, CancellationToken.None);
            return answer.CancelsReminder ? Outcome.End : Outcome.Done;
        }
        catch (Exception e) when (e is HttpRequestException or App.AppUnavailableException or ActorNotHostedException)
        {
            reminder.Misses++;
            LogMissed(key.Name, key.ActorType, key.ActorId, e.Message);
            return Outcome.Again;
        }
        catch (Exception e)
        {
            reminder.Failures++;
            reminder.Misses = 0;
            LogFailed(key.Name, key.ActorType, key.ActorId, reminder.Failures, Reminder.Tries, e.Message);
            return reminder.Failures < Reminder.Tries ? Outcome.Again : Outcome.Done;
        }
    }

    /// <summary>One change at a time, so that memory and store agree.</summary>
    async Task ChangeAsync(Func<Task> change, CancellationToken ct)
    {
        await _changes.WaitAsync(ct);
        try
        {
            await change();
        }
        finally
        {
            _changes.Release();
        }
    }

    async Task RemoveAsync(ReminderKey key, CancellationToken ct)
    {
        await Store().DeleteAsync(_appId, key, ct);
        if (_reminders.TryRemove(key, out var gone))
            _due.Remove(gone);
    }

    void Keep(Reminder reminder)
    {
        if (_reminders.TryGetValue(reminder.Record.Key, out var former))
            _due.Remove(former);
        _reminders[reminder.Record.Key] = reminder;
    }

    void Await(Reminder reminder, DateTimeOffset at)
    {
        if (_running && IsCurrent(reminder) && _table.Hosts(reminder.Record.Key.ActorType))
            _due.Set(reminder, at);
    }

    bool IsCurrent(Reminder reminder) => ReferenceEquals(_reminders.GetValueOrDefault(reminder.Record.Key), reminder);

    IReminderStore Store() =>
        _stores.Instance?.Reminders ?? throw new InvalidOperationException("there is no actor state store");

    enum Outcome { Done, Again, End }
}
