using System.Globalization;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>Metadata of a publish request or a subscription; keys are case-insensitive.</summary>
static class MessageMetadata
{
    public static string? Find(IReadOnlyDictionary<string, string> metadata, string key)
    {
        if (metadata.TryGetValue(key, out var exact))
            return exact;
        foreach (var (k, v) in metadata)
            if (k.Equals(key, StringComparison.OrdinalIgnoreCase))
                return v;
        return null;
    }

    /// <summary>
    /// <c>ttlInSeconds</c> or <c>ttl</c>. What is no positive number is no lifetime, as in the runtime.
    /// </summary>
    public static TimeSpan? TimeToLive(IReadOnlyDictionary<string, string> metadata) =>
        (Find(metadata, "ttlInSeconds") ?? Find(metadata, "ttl")) is { Length: > 0 } text
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>What Go's ParseBool takes; null for anything else.</summary>
    public static bool? Bool(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };
}
