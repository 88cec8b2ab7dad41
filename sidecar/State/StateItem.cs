using System.Globalization;

namespace CloudPhone.Sidecar.State;

/// <summary>
/// One write of the state API or, with <see cref="Value"/> null, one deletion; the key has no prefix yet.
/// </summary>
/// <param name="Metadata">Of the item; names are case-insensitive where this record reads them.</param>
sealed record StateItem(
    string Key, byte[]? Value, string? ETag = null, bool FirstWrite = false, IReadOnlyDictionary<string,
        string>? Metadata = null)
{
    public const string TimeToLiveField = "ttlInSeconds";

    /// <exception cref="FormatException">ttlInSeconds is not a whole number.</exception>
    public StateWrite ToWrite(string fullKey) =>
        new(fullKey, Value, string.IsNullOrEmpty(ETag) ? null : ETag, FirstWrite, TimeToLive());

    TimeSpan? TimeToLive()
    {
        var text = Metadata?
            .FirstOrDefault(m => string.Equals(m.Key, TimeToLiveField, StringComparison.OrdinalIgnoreCase)).Value;
        if (string.IsNullOrEmpty(text))
            return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"incorrect value for metadata 'ttlInSeconds': '{text}' is not a whole number");
    }
}
