using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>The component's metadata: the names, meanings and defaults of pubsub.rabbitmq, and <c>path</c>.</summary>
sealed record EmbeddedSettings(
    string AppId, string Path, string ConsumerId, ExchangeKind Kind, int Prefetch, bool RequeueInFailure, bool IsSingle,
    TimeSpan? TimeToLive)
{
    public static EmbeddedSettings Read(ComponentMetadata metadata, string appId)
    {
        var settings = new EmbeddedSettings(
            appId, metadata.Required("path"), metadata.Get("consumerID", appId), Exchange(metadata), Count(metadata),
            metadata.GetBool("requeueInFailure", false), IsSingleFile(metadata), Lifetime(metadata));
        TopicScopes.Read(metadata, appId);
        // of no effect: every message is on disk before its publisher goes on, whatever these say
        _ = (metadata.Get("clientName"), metadata.Get("publisherConfirm"), metadata.Get("deliveryMode"));
        Only(metadata, "durable", true);
        Only(metadata, "deletedWhenUnused", false);
        Only(metadata, "autoAck", false);
        metadata.RejectUnknown();
        return settings;
    }

    static ExchangeKind Exchange(ComponentMetadata metadata) => metadata.Get("exchangeKind", "fanout") switch
    {
        "fanout" => ExchangeKind.Fanout,
        "topic" => ExchangeKind.Topic,
        "direct" => ExchangeKind.Direct,
        var other => throw metadata.Wrong("exchangeKind", $"must be topic, fanout or direct, not '{other}'"),
    };

    static int Count(ComponentMetadata metadata) => metadata.GetInt("prefetchCount", 0) is >= 0 and <= 255 and var count
        ? count
        : throw metadata.Wrong("prefetchCount", "must be from 0 (no limit) to 255");

    static bool IsSingleFile(ComponentMetadata metadata) => metadata.Get("concurrencyMode", "parallel") switch
    {
        "parallel" => false,
        "single" => true,
        var other => throw metadata.Wrong("concurrencyMode", $"must be parallel or single, not '{other}'"),
    };

    static TimeSpan? Lifetime(ComponentMetadata metadata) => metadata.GetInt("ttlInSeconds", 0) switch
    {
        0 => null,
        > 0 and var seconds => TimeSpan.FromSeconds(seconds),
        var seconds => throw metadata.Wrong("ttlInSeconds", $"must be more than 0, not {seconds}"),
    };

    static void Only(ComponentMetadata metadata, string key, bool value)
    {
        if (metadata.GetBool(key, value) != value)
            throw metadata.Wrong(key, $"can only be {(value ? "true" : "false")}: the embedded broker loses nothing");
    }
}
