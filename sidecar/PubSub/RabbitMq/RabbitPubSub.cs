using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub.RabbitMq;

/// <summary><c>pubsub.rabbitmq</c>: topics are exchanges of RabbitMQ, subscriptions are queues bound to them.</summary>
sealed partial class RabbitPubSub : IPubSub, IAsyncDisposable
{
    readonly RabbitSettings _settings;
    readonly RabbitConnection _connection;
    readonly RabbitPublisher _publisher;
    readonly TimeProvider _time;
    readonly ILogger _log;

    RabbitPubSub(RabbitSettings settings, TimeProvider time, ILogger log)
    {
        (_settings, _time, _log) = (settings, time, log);
        _connection = new(settings, time, log);
        _publisher = new(_connection, settings, time);
    }

    /// <summary>A broker that is not there yet does not keep the sidecar from starting.</summary>
    /// <exception cref="ConfigurationException">A field is wrong or unknown.</exception>
    public static async Task<object> CreateAsync(Component component, IServiceProvider services, CancellationToken ct)
    {
        var settings = RabbitSettings.Read(component, services.GetRequiredService<SidecarOptions>().AppId);
        var log = services.GetRequiredService<ILogger<RabbitPubSub>>();
        var pubSub = new RabbitPubSub(settings, services.GetRequiredService<TimeProvider>(), log);
        try
        {
            await pubSub._connection.OpenAsync(ct);
        }
        catch (Exception e)
        {
            NotThere(log, component.Name, component.File,
                e is BrokerException ? e.Message : $"RabbitMQ at {settings.Server} does not answer");
        }
        return pubSub;
    }

    public Task PublishAsync(PubSubMessage message, CancellationToken ct) => _publisher.PublishAsync(message, ct);

    public async Task<IConsumer> SubscribeAsync(
        string topic, IReadOnlyDictionary<string, string> metadata,
        Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken ct)
    {
        var queue = SubscribedQueue.Read(topic, metadata, _settings.Broker);
        var channel = await _connection.TakeChannelAsync(ct);
        try
        {
            await RabbitTopology.DeclareExchangeAsync(channel, topic, _settings, ct);
            await RabbitTopology.DeclareQueueAsync(channel, topic, queue, _settings, ct);
            return await RabbitConsumer.StartAsync(
                channel, topic, queue.Name, _settings.Broker, handler, _time, _log, ct);
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _publisher.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "component {Component} ({File}) has no broker yet and goes on trying: {Reason}")]
    static partial void NotThere(ILogger log, string component, string file, string reason);
}
