namespace CloudPhone.Sidecar.State;

/// <summary>
/// The reminders of one app's actors, kept beside their state. Several sidecars of the app may share it: what is due is
/// taken by one of them, and by another when that one is heard of no more.
/// </summary>
interface IReminderStore
{
    /// <returns>Null: there is none.</returns>
    Task<ReminderRecord?> FindAsync(ReminderKey key, CancellationToken ct);

    /// <summary>Adds it, or replaces the one of that name.</summary>
    /// <returns>False: there is one, and it is not to be replaced.</returns>
    Task<bool> PutAsync(ReminderRecord reminder, bool replace, CancellationToken ct);

    /// <summary>Removes it; nothing happens where there is none.</summary>
    Task DeleteAsync(ReminderKey key, CancellationToken ct);

    /// <summary>Takes what is due, the earliest first. Nobody else gets it until the hold is over.</summary>
    Task<DueReminders> TakeDueAsync(int most, TimeSpan hold, CancellationToken ct);

    /// <summary>Holds what was taken from now on for that long; zero gives it back.</summary>
    /// <returns>Those that still are: neither replaced, deleted nor ended.</returns>
    Task<IReadOnlyList<ReminderRecord>> HoldAsync(
        IReadOnlyList<ReminderRecord> taken, TimeSpan hold, CancellationToken ct);

    /// <summary>Puts the next tick in the place of the one that was taken. Nothing happens where that was replaced,
    /// deleted or ended meanwhile.</summary>
    /// <param name="next">Null: it was the last.</param>
    Task CompleteAsync(ReminderRecord taken, ReminderRecord? next, CancellationToken ct);
}

/// <param name="NextIn">When to ask again: the time to the next one that is due or no longer held; null: there is
/// none.</param>
sealed record DueReminders(IReadOnlyList<ReminderRecord> Taken, TimeSpan? NextIn);

/// <summary>Names are unique for one actor.</summary>
sealed record ReminderKey(string ActorType, string ActorId, string Name);

/// <param name="DueTime">As the app wrote it.</param>
/// <param name="Period">As the app wrote it; "" for once.</param>
/// <param name="Data">Any JSON; null: none.</param>
/// <param name="NextAt">When it fires next.</param>
/// <param name="RepeatsLeft">How often it still fires; null: without end.</param>
/// <param name="ExpiresAt">From then on it fires no more; null: never.</param>
/// <param name="Tick">Given by the store: tells this tick of this registration from every other.</param>
sealed record ReminderRecord(
    ReminderKey Key, string DueTime, string Period, byte[]? Data,
    DateTimeOffset NextAt, int? RepeatsLeft, DateTimeOffset? ExpiresAt, string Tick = "");
