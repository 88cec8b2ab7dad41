using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>
/// <c>pubsub.embedded</c>: pubsub.rabbitmq's component and subscription metadata with their meaning, on an
/// <see cref="EmbeddedBroker"/>.
/// </summary>
public sealed class EmbeddedPubSub : IPubSub
{
    /// <summary>What prefetchCount 0, no limit, comes down to: bodies of that many messages are in memory.</summary>
    const int Unlimited = 1000;

    readonly EmbeddedSettings _settings;
    readonly TimeProvider _time;
    readonly ILogger _log;

    EmbeddedPubSub(EmbeddedSettings settings, EmbeddedBroker broker, TimeProvider time, ILogger log) =>
        (_settings, Broker, _time, _log) = (settings, broker, time, log);

    public EmbeddedBroker Broker { get; }

    /// <exception cref="ConfigurationException">A field is wrong or unknown, or the file can't be used.</exception>
    public static EmbeddedPubSub Create(Component component, IServiceProvider services)
    {
        var appId = services.GetRequiredService<SidecarOptions>().AppId;
        var settings = EmbeddedSettings.Read(component.Metadata, appId);
        var time = services.GetRequiredService<TimeProvider>();
        var log = services.GetRequiredService<ILogger<EmbeddedBroker>>();
        var broker = EmbeddedBroker.Open(services.GetRequiredService<SidecarNeighbourhood>(), settings.Path, time, log);
        return new(settings, broker, time, log);
    }

    public Task PublishAsync(PubSubMessage message, CancellationToken ct)
    {
        var key = MessageMetadata.Find(message.Metadata, "routingKey") ?? "";
        var lifetime = MessageMetadata.TimeToLive(message.Metadata) ?? _settings.TimeToLive;
        var expires = lifetime is { } t ? (_time.GetUtcNow() + t).ToUnixTimeMilliseconds() : (long?)null;
        return Broker.PublishAsync(
            new(message.Topic, _settings.Kind, key, expires, message.Data.ToArray())).WaitAsync(ct);
    }

    public async Task<IAsyncDisposable> SubscribeAsync(
        string topic, IReadOnlyDictionary<string, string> metadata,
        Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken ct)
    {
        if (MessageMetadata.Find(metadata, "queueType") is { Length: > 0 } type and not ("classic" or "quorum"))
            throw new InvalidOperationException($"queueType must be classic or quorum, not '{type}'");
        var queue = MessageMetadata.Find(metadata, "queueName") is { Length: > 0 } name
            ? name
            : $"{_settings.ConsumerId}-{topic}";
        // no trimming: a blank belongs to the key, as in RabbitMQ
        var keys = (MessageMetadata.Find(metadata, "routingKey") ?? "").Split(',');
        var capacity = _settings.IsSingle ? 1 : _settings.Prefetch == 0 ? Unlimited : _settings.Prefetch;
        var consumer = new EmbeddedConsumer(
            Broker, new(topic, capacity, _settings.RequeueInFailure), handler, _time, _log);
        try
        {
            await Broker.DeclareAsync(new(topic, _settings.Kind, queue, keys, consumer)).WaitAsync(ct);
            return consumer;
        }
        catch
        {
            await consumer.DisposeAsync();
            throw;
        }
    }

    public Task SubscriptionsToldAsync(CancellationToken ct) =>
        Broker.SubscriptionsToldAsync(_settings.AppId).WaitAsync(ct);
}
