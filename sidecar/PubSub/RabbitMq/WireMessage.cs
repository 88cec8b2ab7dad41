using System.Globalization;
using RabbitMQ.Client;

namespace CloudPhone.Sidecar.PubSub.RabbitMq;

/// <summary>A message's properties on the wire, as the runtime sets them: no headers, and nothing that was not asked
/// for.</summary>
static class WireMessage
{
    const string DefaultContentType = "text/plain";

    public static string RoutingKey(PubSubMessage message) => Text(message, "routingKey") ?? "";

    public static BasicProperties Properties(PubSubMessage message, RabbitSettings settings)
    {
        var properties = new BasicProperties { ContentType = Text(message, "contentType") ?? DefaultContentType };
        if (settings.DeliveryMode != 0)
            properties.DeliveryMode = (DeliveryModes)settings.DeliveryMode;
        if ((MessageMetadata.TimeToLive(message.Metadata) ?? settings.Broker.TimeToLive) is { } lifetime)
            properties.Expiration = ((long)lifetime.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        if (Priority(message) is > 0 and var priority)
            properties.Priority = priority;
        if (Text(message, "messageID") is { } id)
            properties.MessageId = id;
        if (Text(message, "correlationID") is { } correlation)
            properties.CorrelationId = correlation;
        if (Text(message, "type") is { } type)
            properties.Type = type;
        return properties;
    }

    /// <summary>What is no number is no priority, and what is too much is the highest, as in the runtime.</summary>
    static byte Priority(PubSubMessage message) =>
        uint.TryParse(Text(message, "priority"), NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
            ? (byte)Math.Min(priority, byte.MaxValue)
            : (byte)0;

    static string? Text(PubSubMessage message, string key) =>
        MessageMetadata.Find(message.Metadata, key) is { Length: > 0 } value ? value : null;
}
