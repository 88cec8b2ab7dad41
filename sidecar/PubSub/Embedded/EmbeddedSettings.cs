using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>The component's metadata: those of pubsub.rabbitmq, and <c>path</c>.</summary>
sealed record EmbeddedSettings(string Path, BrokerSettings Broker)
{
    public static EmbeddedSettings Read(ComponentMetadata metadata, string appId)
    {
        var settings = new EmbeddedSettings(metadata.Required("path"), BrokerSettings.Read(metadata, appId));
        // of no effect: every message is on disk before its publisher goes on, whatever these say
        _ = (metadata.Get("clientName"), metadata.Get("publisherConfirm"), metadata.Get("deliveryMode"));
        Only(metadata, "durable", true);
        Only(metadata, "deletedWhenUnused", false);
        Only(metadata, "autoAck", false);
        metadata.RejectUnknown();
        return settings;
    }

    static void Only(ComponentMetadata metadata, string key, bool value)
    {
        if (metadata.GetBool(key, value) != value)
            throw metadata.Wrong(key, $"can only be {(value ? "true" : "false")}: the embedded broker loses nothing");
    }
}
