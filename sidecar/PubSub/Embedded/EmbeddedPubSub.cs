using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>
/// <c>pubsub.embedded</c>: pubsub.rabbitmq's component and subscription metadata with their meaning, on an
/// <see cref="EmbeddedBroker"/>.
/// </summary>
sealed class EmbeddedPubSub : IPubSub
{
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
        var lifetime = MessageMetadata.TimeToLive(message.Metadata) ?? _settings.Broker.TimeToLive;
        var expires = lifetime is { } t ? (_time.GetUtcNow() + t).ToUnixTimeMilliseconds() : (long?)null;
        return Broker.PublishAsync(
            new(message.Topic, _settings.Broker.Kind, key, expires, message.Data.ToArray())).WaitAsync(ct);
    }

    public async Task<IConsumer> SubscribeAsync(
        string topic, IReadOnlyDictionary<string, string> metadata,
        Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken ct)
    {
        var settings = _settings.Broker;
        var queue = SubscribedQueue.Read(topic, metadata, settings);
        if (queue.MaxPriority is not null || queue.IsSingleActive)
            throw new BrokerException("pubsub.embedded has no maxPriority and no singleActiveConsumer");
        var consumer = new EmbeddedConsumer(
            Broker, new(topic, settings.Capacity, settings.RequeueInFailure), handler, _time, _log);
        try
        {
            await Broker.DeclareAsync(new(topic, settings.Kind, queue.Name, queue.Keys, consumer)).WaitAsync(ct);
            return consumer;
        }
        catch
        {
            await consumer.DisposeAsync();
            throw;
        }
    }

    public Task SubscriptionsToldAsync(CancellationToken ct) =>
        Broker.SubscriptionsToldAsync(_settings.Broker.AppId).WaitAsync(ct);
}
