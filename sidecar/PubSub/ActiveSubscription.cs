namespace CloudPhone.Sidecar.PubSub;

/// <summary>
/// A subscription between start and stop: where the broker does not take it, or loses it, it is tried again and again.
/// </summary>
sealed partial class ActiveSubscription(
    IPubSub broker, Resources.Subscription subscription, Func<PubSubMessage, CancellationToken, Task> handler,
    DeliveryLife life, TimeProvider time, ILogger log)
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(5);

    readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly List<Task> _ending = [];
    Task _running = Task.CompletedTask;

    /// <summary>Ends with the first try. What it returns ends with success, or when deliveries stop.</summary>
    public async Task<Task> StartAsync()
    {
        var first = await TryAsync(FirstPause);
        _running = RunAsync(first);
        return _started.Task;
    }

    /// <summary>After deliveries were stopped: ends with the last handler.</summary>
    public async Task StopAsync()
    {
        await _running;
        await Task.WhenAll(_ending);
    }

    async Task RunAsync(IConsumer? consumer)
    {
        var pause = FirstPause;
        while (true)
        {
            if (consumer is null)
                await Task.Delay(pause, time, life.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            else
            {
                _started.TrySetResult();
                await ((Task)consumer.Lost).WaitAsync(life.Stopping)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                // not awaited: a handler that takes its time must not keep the queue without a consumer
                _ending.RemoveAll(e => e.IsCompletedSuccessfully);
                _ending.Add(consumer.DisposeAsync().AsTask());
            }
            if (life.Stopping.IsCancellationRequested)
                break;
            if (consumer is not null)
                Lost(log, subscription.Topic, subscription.PubSubName, await consumer.Lost);
            pause = consumer is not null ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            consumer = await TryAsync(pause);
        }
        _started.TrySetCanceled();
    }

    async Task<IConsumer?> TryAsync(TimeSpan pause)
    {
        try
        {
            var consumer = await broker.SubscribeAsync(
                subscription.Topic, subscription.Metadata, handler, life.Stopping);
            Started(log, subscription.Topic, subscription.PubSubName);
            return consumer;
        }
        catch (Exception e)
        {
            if (!life.Stopping.IsCancellationRequested)
                NotStarted(log, e is BrokerException ? null : e, subscription.Topic, subscription.PubSubName,
                    pause.TotalSeconds, e.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "subscribed to topic {Topic} of pubsub {PubSub}")]
    static partial void Started(ILogger log, string topic, string pubSub);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "can't subscribe to topic {Topic} of pubsub {PubSub}; trying again in {Seconds} s: {Reason}")]
    static partial void NotStarted(
        ILogger log, Exception? error, string topic, string pubSub, double seconds, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "the subscription to topic {Topic} of pubsub {PubSub} was lost; subscribing again: {Reason}")]
    static partial void Lost(ILogger log, string topic, string pubSub, string reason);
}
