namespace CloudPhone.Sidecar.State;

/// <summary>A state store. Keys arrive with their prefix; values are JSON or raw bytes that the store does not look into.</summary>
public interface IStateStore
{
    /// <summary>The value and its ETag; null: no such key, or expired.</summary>
    Task<StateValue?> GetAsync(string key, CancellationToken ct);

    /// <summary>All or nothing, in order. A write without ETag is unconditional unless it says first-write.</summary>
    /// <exception cref="ETagMismatchException">An ETag is not that of the key, or first-write found one; nothing is changed.</exception>
    /// <exception cref="InvalidETagException">An ETag that this store can't have given.</exception>
    Task WriteAsync(IReadOnlyList<StateWrite> writes, CancellationToken ct);
}

public sealed record StateValue(byte[] Data, string ETag, DateTimeOffset? ExpiresAt);

/// <summary>One write or, with <see cref="Value"/> null, one deletion.</summary>
/// <param name="TimeToLive">Null: as the store's default; negative or zero: never expires.</param>
public sealed record StateWrite(string Key, byte[]? Value, string? ETag = null, bool FirstWrite = false, TimeSpan? TimeToLive = null);

public sealed class ETagMismatchException() : Exception("possible etag mismatch. error from state store: the key has another version");

public sealed class InvalidETagException(string etag) : Exception($"invalid etag value: '{etag}'");
