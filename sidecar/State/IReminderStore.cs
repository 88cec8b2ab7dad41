namespace CloudPhone.Sidecar.State;

/// <summary>Where the reminders of actors are kept, beside the actors' state. One app sees only its own.</summary>
public interface IReminderStore
{
    Task<IReadOnlyList<ReminderRecord>> LoadAsync(string appId, CancellationToken ct);

    /// <summary>Adds it, or replaces the one of that name.</summary>
    Task PutAsync(string appId, ReminderRecord reminder, CancellationToken ct);

    /// <summary>Removes it; nothing happens where there is none.</summary>
    Task DeleteAsync(string appId, ReminderKey key, CancellationToken ct);
}

public sealed record ReminderKey(string ActorType, string ActorId, string Name);

/// <param name="DueTime">As the app wrote it.</param>
/// <param name="Period">As the app wrote it; "" for once.</param>
/// <param name="Data">Any JSON; null: none.</param>
/// <param name="NextAt">When it fires next.</param>
/// <param name="RepeatsLeft">How often it still fires; null: without end.</param>
/// <param name="ExpiresAt">From then on it fires no more; null: never.</param>
public sealed record ReminderRecord(
    ReminderKey Key, string DueTime, string Period, byte[]? Data,
    DateTimeOffset NextAt, int? RepeatsLeft, DateTimeOffset? ExpiresAt);
