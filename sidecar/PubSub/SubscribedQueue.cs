using System.Globalization;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

/// <summary>The queue that a subscription's metadata ask for.</summary>
/// <param name="Keys">Routing keys, each bound as it is written: a blank belongs to it.</param>
/// <param name="Type">classic or quorum</param>
sealed record SubscribedQueue(
    string Name, IReadOnlyList<string> Keys, string Type, byte? MaxPriority, bool IsSingleActive)
{
    static readonly string[] Known =
        ["queueName", "routingKey", "queueType", "maxPriority", "singleActiveConsumer", "rawPayload"];

    /// <exception cref="BrokerException">A field is wrong or unknown.</exception>
    public static SubscribedQueue Read(
        string topic, IReadOnlyDictionary<string, string> metadata, BrokerSettings settings)
    {
        foreach (var key in metadata.Keys)
            if (!Known.Contains(key, StringComparer.OrdinalIgnoreCase))
                throw Unknown(key);
        return new(
            Text("queueName", $"{settings.ConsumerId}-{topic}"), Text("routingKey", "").Split(','),
            Text("queueType", "classic") is ("classic" or "quorum") and var type
                ? type
                : throw Wrong("queueType", $"must be classic or quorum, not '{Text("queueType", "")}'"),
            Priority(Text("maxPriority", "")), ComponentMetadata.IsTruthy(Text("singleActiveConsumer", "")));

        string Text(string key, string fallback) =>
            MessageMetadata.Find(metadata, key) is { Length: > 0 } value ? value : fallback;
    }

    static byte? Priority(string text) => text.Length == 0 ? null
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
            ? (byte)Math.Min(priority, byte.MaxValue)
        : throw Wrong("maxPriority", $"must be a number from 0 to 255, not '{text}'");

    static BrokerException Unknown(string key) => key.ToLowerInvariant() is "maxlen" or "maxlenbytes"
        ? Wrong(key, "can't be set for one subscription, where the runtime's queue would never be declared; "
            + "set it on the component, or as a policy of the broker")
        : Wrong(key, $"is not known; known: {string.Join(", ", Known)}");

    static BrokerException Wrong(string key, string why) => new($"metadata '{key}' of the subscription {why}");
}
