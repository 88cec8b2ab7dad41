using System.Collections.Concurrent;
using CloudPhone.Sidecar.Actors.Placement;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.State;

namespace CloudPhone.Sidecar.Actors.Reminders;

/// <summary>
/// Reminders are kept in the actor state store before they are acknowledged and leave it after they fired: at
/// least once. Those that were due while nothing ran fire once at the start. Where several sidecars share the store,
/// each takes what is due and no other has in hand, and calls the actor wherever it lives.
/// </summary>
sealed partial class ActorReminders(
    ActorRouter router, ActorStateStore stores, SidecarOptions options, TimeProvider time,
    ILogger<ActorReminders> log) : IDisposable
{
    const int MostInHand = 1024;

    /// <summary>How long after a sidecar's death others fire what it had in hand.</summary>
    static readonly TimeSpan Hold = TimeSpan.FromSeconds(9);

    /// <summary>Another sidecar may have died with a reminder that only it knew to be due.</summary>
    static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<string, ReminderRecord> _inHand = new();
    readonly SemaphoreSlim _news = new(0, 1);
    readonly Lock _lock = new();
    IReminderStore? _store;
    CancellationTokenSource _stopping = new();
    Task _running = Task.CompletedTask;

    public void Start()
    {
        _stopping = new();
        _running = Task.WhenAll(TakeAsync(_stopping.Token), HoldAsync(_stopping.Token));
    }

    /// <summary>Nothing fires any more; what is firing ends as it does, and the store keeps all others.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    /// <returns>Null: there is none.</returns>
    public Task<ReminderRecord?> FindAsync(ReminderKey key, CancellationToken ct) => Store().FindAsync(key, ct);

    /// <summary>Kept when this returns.</summary>
    /// <exception cref="FormatException">As <see cref="ReminderRequest.ToRecord"/>.</exception>
    /// <exception cref="InvalidOperationException">There is one, and it is not to be overwritten.</exception>
    public async Task PutAsync(ReminderKey key, ReminderRequest request, CancellationToken ct)
    {
        if (!await Store().PutAsync(request.ToRecord(key, time.GetUtcNow()), request.Overwrite, ct))
            throw new InvalidOperationException($"there is a reminder {key.Name} already");
        Wake();
    }

    public Task DeleteAsync(ReminderKey key, CancellationToken ct) => Store().DeleteAsync(key, ct);

    public void Dispose()
    {
        _stopping.Dispose();
        _news.Dispose();
        (_store as IDisposable)?.Dispose();
    }

    async Task TakeAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
            try
            {
                var room = MostInHand - _inHand.Count;
                var due = room > 0 ? await Store().TakeDueAsync(room, Hold, ct) : new([], null);
                foreach (var record in due.Taken)
                    if (_inHand.TryAdd(record.Tick, record))
                        _ = FireAsync(record, ct);
                var wait = room > due.Taken.Count && due.NextIn < LongestSleep ? due.NextIn.Value : LongestSleep;
                // whole milliseconds: who wakes early finds nothing due yet
                await _news.WaitAsync(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                LogStoreAway(e.Message);
                await PauseAsync(ct);
            }
            catch (Exception)
            {
                return;
            }
    }

    /// <summary>Tells the store, while callbacks run or wait for another try, that they are in hand here.</summary>
    async Task HoldAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Hold / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
                if (!_inHand.IsEmpty)
                    await TryHoldAsync([.. _inHand.Values], Hold);
        }
        catch (OperationCanceledException)
        {
        }
    }

    async Task FireAsync(ReminderRecord record, CancellationToken ct)
    {
        try
        {
            var reminder = new Reminder(record);
            var outcome = reminder.IsExpired(time.GetUtcNow()) ? Outcome.End : await CallAsync(reminder);
            while (outcome == Outcome.Again)
            {
                await Task.Delay(reminder.Misses > 0 ? reminder.WaitAfterMiss : Reminder.BetweenTries, time, ct);
                if ((await Store().HoldAsync([record], Hold, ct)).Count == 0)
                    return;
                outcome = reminder.IsExpired(time.GetUtcNow()) ? Outcome.End : await CallAsync(reminder);
            }
            var next = outcome == Outcome.End ? null : reminder.Next(time.GetUtcNow());
            await Store().CompleteAsync(record, next?.Record, CancellationToken.None);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await TryHoldAsync([record], TimeSpan.Zero);
        }
        catch (ObjectDisposedException)
        {
            // the sidecar has ended; the store still has the reminder
        }
        catch (Exception e)
        {
            LogStoreFailed(record.Key.Name, record.Key.ActorType, record.Key.ActorId, e.Message);
        }
        finally
        {
            _inHand.TryRemove(record.Tick, out _);
            Wake();
        }
    }

    /// <summary>An app that can't be reached uses up no try: the reminder waits for it.</summary>
    async Task<Outcome> CallAsync(Reminder reminder)
    {
        var key = reminder.Record.Key;
        try
        {
            var answer = await router.CallAsync(reminder.Call, CancellationToken.None);
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

    async Task TryHoldAsync(IReadOnlyList<ReminderRecord> records, TimeSpan hold)
    {
        try
        {
            await Store().HoldAsync(records, hold, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogStoreAway(e.Message);
        }
    }

    async Task PauseAsync(CancellationToken ct)
    {
        try
        {
            await Task.Delay(Reminder.BetweenTries, time, ct);
        }
        catch (OperationCanceledException)
        {
            // the loop sees it, too
        }
    }

    void Wake()
    {
        try
        {
            lock (_lock)
                if (_news.CurrentCount == 0)
                    _news.Release();
        }
        catch (ObjectDisposedException)
        {
            // the sidecar has ended
        }
    }

    IReminderStore Store()
    {
        lock (_lock)
            return _store ??= stores.Instance?.RemindersOf(options.AppId)
                ?? throw new InvalidOperationException("there is no actor state store");
    }

    enum Outcome { Done, Again, End }
}
