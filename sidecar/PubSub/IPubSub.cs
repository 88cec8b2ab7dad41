namespace CloudPhone.Sidecar.PubSub;

/// <summary>
/// A message as the broker keeps it: the envelope's bytes and the metadata that the component understands.
/// </summary>
sealed record PubSubMessage(
    string Topic, ReadOnlyMemory<byte> Data, string? ContentType, IReadOnlyDictionary<string, string> Metadata);

/// <summary>
/// A message broker behind a component. Topics, routing keys and queues mean what pubsub.rabbitmq means by them.
/// </summary>
interface IPubSub
{
    /// <summary>Returns once the broker has the message, as far as the component asks it to confirm.</summary>
    Task PublishAsync(PubSubMessage message, CancellationToken ct);

    /// <summary>
    /// Starts to consume; disposing the result stops it: running handlers finish or are given back to the queue.
    /// Where it can't be started, or ends by itself, it is for the caller to subscribe again.
    /// The handler returns normally to acknowledge, throws <see cref="OperationCanceledException"/> to give the
    /// message back, and anything else to refuse it; what refusal means is the component's (requeue or drop).
    /// </summary>
    Task<IConsumer> SubscribeAsync(
        string topic, IReadOnlyDictionary<string, string> metadata,
        Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken ct);

    /// <summary>
    /// The app has told all of its subscriptions to this component, or that it has none; they are declared.
    /// </summary>
    Task SubscriptionsToldAsync(CancellationToken ct) => Task.CompletedTask;
}

/// <summary>A running subscription.</summary>
interface IConsumer : IAsyncDisposable
{
    private static readonly Task<string> Never = new TaskCompletionSource<string>().Task;

    /// <summary>Ends, with the reason, once the broker delivers nothing more though nobody stopped it.</summary>
    Task<string> Lost => Never;
}
