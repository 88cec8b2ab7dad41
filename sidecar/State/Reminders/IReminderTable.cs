namespace CloudPhone.Sidecar.State;

/// <summary>Where <see cref="LocalReminders"/> keeps what must outlive the process.</summary>
interface IReminderTable
{
    Task<IReadOnlyList<ReminderRecord>> LoadAsync(CancellationToken ct);

    /// <summary>Adds it, or replaces the one of that name.</summary>
    Task PutAsync(ReminderRecord reminder, CancellationToken ct);

    Task DeleteAsync(ReminderKey key, CancellationToken ct);
}

/// <summary>Keeps nothing: the reminders live as long as their sidecar.</summary>
sealed class NoReminderTable : IReminderTable
{
    public Task<IReadOnlyList<ReminderRecord>> LoadAsync(CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<ReminderRecord>>([]);

    public Task PutAsync(ReminderRecord reminder, CancellationToken ct) => Task.CompletedTask;

    public Task DeleteAsync(ReminderKey key, CancellationToken ct) => Task.CompletedTask;
}
