namespace CloudPhone.Sidecar.PubSub;

/// <summary>
/// A subscription between start and stop: where the broker does not take it, it is tried again and again.
/// </summary>
sealed partial class ActiveSubscription(
    IPubSub broker, Resources.Subscription subscription, Func<PubSubMessage, CancellationToken, Task> handler,
    DeliveryLife life, TimeProvider time, ILogger log)
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(30);

    Task<IAsyncDisposable?> _consuming = Task.FromResult<IAsyncDisposable?>(null);

    /// <summary>Ends with the first try. What it returns ends with success, or when deliveries stop.</summary>
    public async Task<Task> StartAsync()
    {
        var first = await TryAsync(FirstPause);
        _consuming = first is not null ? Task.FromResult<IAsyncDisposable?>(first) : RetryAsync();
        return _consuming;
    }

    public async Task StopAsync()
    {
        if (await _consuming is { } consumer)
            await consumer.DisposeAsync();
    }

    async Task<IAsyncDisposable?> RetryAsync()
    {
        var pause = FirstPause;
        while (!life.Stopping.IsCancellationRequested)
        {
            await Task.Delay(pause, time, life.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (life.Stopping.IsCancellationRequested)
                break;
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            if (await TryAsync(pause) is { } consumer)
                return consumer;
        }
        return null;
    }

    async Task<IAsyncDisposable?> TryAsync(TimeSpan pause)
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
                NotStarted(log, e, subscription.Topic, subscription.PubSubName, pause.TotalSeconds);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "subscribed to topic {Topic} of pubsub {PubSub}")]
    static partial void Started(ILogger log, string topic, string pubSub);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "can't subscribe to topic {Topic} of pubsub {PubSub}; trying again in {Seconds} s")]
    static partial void NotStarted(ILogger log, Exception error, string topic, string pubSub, double seconds);
}
