namespace CloudPhone.Sidecar.State;

/// <summary>
/// A state store. Keys arrive with their prefix; values are JSON or raw bytes that the store does not look into.
/// </summary>
interface IStateStore
{
    /// <summary>The value and its ETag; null: no such key, or expired.</summary>
    Task<StateValue?> GetAsync(string key, CancellationToken ct);

    /// <summary>As <see cref="GetAsync"/> for several keys, in their order.</summary>
    Task<IReadOnlyList<StateValue?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken ct);

    /// <summary>
    /// All or nothing, in order. A write without ETag is unconditional unless the key was written first-write.
    /// </summary>
    /// <exception cref="ETagMismatchException">An ETag is not that of the key; nothing is changed.</exception>
    /// <exception cref="FirstWriteException">A key was written first-write, and a write has no ETag; nothing is
    /// changed.</exception>
    /// <exception cref="InvalidETagException">An ETag that this store can't have given.</exception>
    Task WriteAsync(IReadOnlyList<StateWrite> writes, CancellationToken ct);
}

/// <summary>A state store that can keep actors: it has room for their reminders too.</summary>
interface IActorStateStore : IStateStore
{
    /// <summary>To be asked for once in the life of a sidecar.</summary>
    IReminderStore RemindersOf(string appId);

    /// <summary>Null: the app's actors all live with one sidecar.</summary>
    IActorPlacement? PlacementOf(string appId);
}

/// <param name="ETag">Opaque to callers; empty: the value has none.</param>
/// <param name="ExpiresAt">Null: never.</param>
sealed record StateValue(byte[] Data, string ETag, DateTimeOffset? ExpiresAt);

/// <summary>One write or, with <see cref="Value"/> null, one deletion.</summary>
/// <param name="FirstWrite">Marks the key: from now on it is only written with its ETag.</param>
/// <param name="TimeToLive">Null: as the store's default, else as the key has it; negative or zero: never
/// expires.</param>
sealed record StateWrite(
    string Key, byte[]? Value, string? ETag = null, bool FirstWrite = false, TimeSpan? TimeToLive = null);

/// <summary>The key has another version than the write expects; 409 by HTTP.</summary>
sealed class ETagMismatchException()
    : Exception("possible etag mismatch. error from state store: the key has another version");

/// <summary>An ETag that this store can't have given; 400 by HTTP.</summary>
sealed class InvalidETagException(string etag) : Exception($"invalid etag value: '{etag}'");

/// <summary>A write without an ETag to a key that takes none such; 500 by HTTP.</summary>
sealed class FirstWriteException(string key)
    : Exception($"the key '{key}' was written first-write and can only be written with its etag");
