using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub;

enum ExchangeKind { Fanout, Topic, Direct }

/// <summary>
/// What the metadata of pubsub.rabbitmq and pubsub.embedded have in common: names, meanings and defaults of
/// pubsub.rabbitmq.
/// </summary>
/// <param name="Prefetch">Messages in hand at most; 0: no limit.</param>
/// <param name="IsSingle">One message at a time, in order.</param>
sealed record BrokerSettings(
    string AppId, string ConsumerId, ExchangeKind Kind, int Prefetch, bool RequeueInFailure, bool IsSingle,
    TimeSpan? TimeToLive)
{
    /// <summary>How many handlers run at once where the prefetch has no limit.</summary>
    const int Unlimited = 1000;

    public int Capacity => IsSingle ? 1 : Prefetch == 0 ? Unlimited : Prefetch;

    public static BrokerSettings Read(ComponentMetadata metadata, string appId)
    {
        TopicScopes.Read(metadata, appId);
        return new(
            appId, metadata.Get("consumerID", appId), Exchange(metadata), Count(metadata),
            metadata.GetBool("requeueInFailure", false), IsSingleFile(metadata), Lifetime(metadata));
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
}
