using System.Collections.Concurrent;

namespace CloudPhone.Sidecar.State.InMemory;

sealed class InMemoryReminderStore : IReminderStore
{
    readonly ConcurrentDictionary<(string AppId, ReminderKey Key), ReminderRecord> _reminders = new();

    public Task<IReadOnlyList<ReminderRecord>> LoadAsync(string appId, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<ReminderRecord>>(
            [.. _reminders.Where(r => r.Key.AppId == appId).Select(r => r.Value)]);

    public Task PutAsync(string appId, ReminderRecord reminder, CancellationToken ct)
    {
        _reminders[(appId, reminder.Key)] = reminder;
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string appId, ReminderKey key, CancellationToken ct)
    {
        _reminders.TryRemove((appId, key), out _);
        return Task.CompletedTask;
    }
}
