using System.Globalization;

namespace CloudPhone.Sidecar.State;

/// <summary>
/// A key as our own stores keep it, and what a write makes of it: the runtime's rules for its Redis store.
/// </summary>
/// <param name="Version">Counts the writes from 1; it is the ETag.</param>
sealed record StateRow(byte[] Data, long Version, bool FirstWrite, DateTimeOffset? ExpiresAt)
{
    public StateValue ToValue() => new(Data, Version.ToString(CultureInfo.InvariantCulture), ExpiresAt);

    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>The row after the write; null: deleted.</summary>
    /// <param name="current">Null where the key is not there or expired. An ETag fits a key that is not there.</param>
    public static StateRow? After(StateRow? current, StateWrite write, TimeSpan? defaultTimeToLive, DateTimeOffset now)
    {
        if (write.ETag is { } etag)
        {
            if (!long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                throw new InvalidETagException(etag);
            if (current is not null && current.Version != version)
                throw new ETagMismatchException();
        }
        if (write.Value is null)
            return null;
        if (write.ETag is null && current is { FirstWrite: true })
            throw new FirstWriteException(write.Key);
        return new(write.Value, (current?.Version ?? 0) + 1, write.FirstWrite || current is { FirstWrite: true },
            (write.TimeToLive ?? defaultTimeToLive) switch
            {
                null => current?.ExpiresAt,
                { } t when t <= TimeSpan.Zero => null,
                { } t => now + t,
            });
    }
}
