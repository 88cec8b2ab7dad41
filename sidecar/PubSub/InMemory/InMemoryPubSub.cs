using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.PubSub.InMemory;

/// <summary>
/// <c>pubsub.in-memory</c>: from the app to itself, within one sidecar. Nothing is kept and nothing comes twice.
/// </summary>
sealed partial class InMemoryPubSub(ILogger<InMemoryPubSub> log) : IPubSub
{
    readonly ILogger _log = log;
    readonly Lock _lock = new();
    readonly List<Receiver> _receivers = [];

    /// <exception cref="Hosting.ConfigurationException">A field is unknown.</exception>
    public static InMemoryPubSub Create(Component component, IServiceProvider services)
    {
        TopicScopes.Read(component.Metadata, services.GetRequiredService<Hosting.SidecarOptions>().AppId);
        _ = component.Metadata.Get("consumerID");
        component.Metadata.RejectUnknown();
        return new(services.GetRequiredService<ILogger<InMemoryPubSub>>());
    }

    public Task PublishAsync(PubSubMessage message, CancellationToken ct)
    {
        lock (_lock)
            foreach (var r in _receivers.Where(r => r.Topic == message.Topic))
                r.Take(message);
        return Task.CompletedTask;
    }

    public Task<IConsumer> SubscribeAsync(
        string topic, IReadOnlyDictionary<string, string> metadata,
        Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken ct)
    {
        var receiver = new Receiver(this, topic, handler);
        lock (_lock)
            _receivers.Add(receiver);
        return Task.FromResult<IConsumer>(receiver);
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "topic {Topic}: an event was refused and is lost (pubsub.in-memory keeps nothing)")]
    static partial void Lost(ILogger log, Exception error, string topic);

    sealed class Receiver(
        InMemoryPubSub broker, string topic, Func<PubSubMessage, CancellationToken, Task> handler) : IConsumer
    {
        readonly HashSet<Task> _running = [];

        public string Topic => topic;

        public void Take(PubSubMessage message)
        {
            _running.RemoveWhere(t => t.IsCompleted);
            _running.Add(Task.Run(() => HandleAsync(message)));
        }

        public async ValueTask DisposeAsync()
        {
            Task[] running;
            lock (broker._lock)
            {
                broker._receivers.Remove(this);
                running = [.. _running];
            }
            await Task.WhenAll(running);
        }

        async Task HandleAsync(PubSubMessage message)
        {
            try
            {
                await handler(message, CancellationToken.None);
            }
            catch (Exception e)
            {
                Lost(broker._log, e, topic);
            }
        }
    }
}
