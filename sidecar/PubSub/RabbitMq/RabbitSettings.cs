using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub.RabbitMq;

/// <summary>
/// The metadata of a <c>pubsub.rabbitmq</c> component, with the runtime's names, meanings and defaults.
/// </summary>
/// <param name="Component">The component's name, for messages.</param>
/// <param name="Uri">Where RabbitMQ is, with user and password: never for a log.</param>
/// <param name="IsDurable">Exchanges and queues survive a restart of the broker.</param>
/// <param name="IsAutoDelete">Exchanges and queues go with their last user.</param>
/// <param name="DeliveryMode">0, 1: messages are transient; 2: persistent.</param>
/// <param name="Confirms">A publish waits for the broker's confirmation.</param>
/// <param name="HasDeadLetterQueue">Every queue gets <c>dlx-{queue}</c> and <c>dlq-{queue}</c>.</param>
/// <param name="MaxLength">Messages in a queue at most.</param>
/// <param name="MaxBytes">Bytes in a queue at most.</param>
sealed record RabbitSettings(
    string Component, Uri Uri, string ClientName, TimeSpan Heartbeat, TimeSpan ReconnectWait, bool IsDurable,
    bool IsAutoDelete, int DeliveryMode, bool Confirms, bool HasDeadLetterQueue, long? MaxLength, long? MaxBytes,
    BrokerSettings Broker)
{
    /// <summary>Host, port and virtual host, for messages.</summary>
    public string Server => $"{Uri.Host}:{(Uri.Port > 0 ? Uri.Port : Uri.Scheme == "amqps" ? 5671 : 5672)}"
        + (Uri.AbsolutePath.Length > 1 ? $", virtual host '{Uri.UnescapeDataString(Uri.AbsolutePath[1..])}'" : "");

    /// <exception cref="Hosting.ConfigurationException">A field is wrong, missing or unknown.</exception>
    public static RabbitSettings Read(Component component, string appId)
    {
        var metadata = component.Metadata;
        var settings = new RabbitSettings(
            component.Name, ServerUri(metadata), metadata.Get("clientName", ""),
            Positive(metadata, "heartBeat", 10), Positive(metadata, "reconnectWaitSeconds", 3),
            metadata.GetBool("durable", true), metadata.GetBool("deletedWhenUnused", true),
            metadata.GetInt("deliveryMode", 0) is >= 0 and <= 2 and var mode
                ? mode
                : throw metadata.Wrong("deliveryMode", "must be 0, 1 (transient) or 2 (persistent)"),
            metadata.GetBool("publisherConfirm", false), metadata.GetBool("enableDeadLetter", false),
            Limit(metadata, "maxLen"), Limit(metadata, "maxLenBytes"), BrokerSettings.Read(metadata, appId));
        if (metadata.GetBool("autoAck", false))
            throw metadata.Wrong("autoAck", "can only be false: messages would be lost while the app handles them");
        metadata.RejectUnknown();
        return settings;
    }

    static Uri ServerUri(ComponentMetadata metadata)
    {
        var text = metadata.Get("connectionString", "");
        var (protocol, host) = (metadata.Get("protocol", "amqp"), metadata.Get("hostname", ""));
        var (user, password) = (metadata.Get("username", ""), metadata.Get("password", ""));
        if (text.Length == 0 && host.Length == 0)
            throw metadata.Wrong(
                "connectionString", "is required, like amqp://user:password@host:5672/, or hostname in its place");
        if (text.Length > 0 && host.Length > 0)
            throw metadata.Wrong("hostname", "can't be there beside connectionString");
        var credentials = user.Length == 0 ? ""
            : $"{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(password)}@";
        var (source, uri) = text.Length > 0
            ? ("connectionString", text)
            : ("hostname", $"{protocol}://{credentials}{host}");
        // the value is not repeated: it holds the password
        return Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is "amqp" or "amqps"
            && parsed.Segments.Length <= 2
                ? parsed
                : throw metadata.Wrong(source, "must give an address like amqp://user:password@host:5672/vhost");
    }

    static TimeSpan Positive(ComponentMetadata metadata, string key, int seconds) =>
        metadata.GetDuration(key, TimeSpan.FromSeconds(seconds)) is var duration && duration > TimeSpan.Zero
            ? duration
            : throw metadata.Wrong(key, "must be more than 0");

    static long? Limit(ComponentMetadata metadata, string key) =>
        metadata.Get(key, "") is not { Length: > 0 } text ? null
        : long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var limit) && limit >= 0
            ? limit > 0 ? limit : null
        : throw metadata.Wrong(key, $"must be a whole number from 0 (no limit), not '{text}'");
}
