using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace CloudPhone.Sidecar.PubSub.RabbitMq;

/// <summary>
/// One subscription on a channel of its own. As many handlers run at once as the prefetch allows; how each one ends
/// decides what the broker is told of its message.
/// </summary>
sealed partial class RabbitConsumer : IConsumer
{
    /// <summary>What a message of a classic queue, which is not counted, has behind it when it comes again.</summary>
    const int SomeRefusals = 3;

    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    static readonly Dictionary<string, string> NoMetadata = [];

    readonly IChannel _channel;
    readonly string _topic, _queue, _tag;
    readonly BrokerSettings _settings;
    readonly Func<PubSubMessage, CancellationToken, Task> _handler;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly SemaphoreSlim _room;
    readonly CancellationTokenSource _stopping = new();
    readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    RabbitConsumer(
        IChannel channel, string topic, string queue, BrokerSettings settings,
        Func<PubSubMessage, CancellationToken, Task> handler, TimeProvider time, ILogger log)
    {
        (_channel, _topic, _queue, _settings) = (channel, topic, queue, settings);
        (_handler, _time, _log) = (handler, time, log);
        _tag = $"{queue}-{Guid.NewGuid()}";
        _room = new(settings.Capacity, settings.Capacity);
        Lost = settings.IsSingle ? LostAndIdleAsync() : _lost.Task;
    }

    public Task<string> Lost { get; }

    public static async Task<RabbitConsumer> StartAsync(
        IChannel channel, string topic, string queue, BrokerSettings settings,
        Func<PubSubMessage, CancellationToken, Task> handler, TimeProvider time, ILogger log, CancellationToken ct)
    {
        var self = new RabbitConsumer(channel, topic, queue, settings, handler, time, log);
        channel.ChannelShutdownAsync += self.OnShutdownAsync;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += self.OnReceivedAsync;
        consumer.UnregisteredAsync += self.OnUnregisteredAsync;
        if (settings.Prefetch > 0)
            await channel.BasicQosAsync(0, (ushort)settings.Prefetch, global: false, ct);
        await channel.BasicConsumeAsync(queue, autoAck: false, self._tag, consumer, ct);
        return self;
    }

    /// <summary>
    /// Takes nothing new and waits for the handlers that run. What was never handled goes back to the queue.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await TryAsync(ct => _channel.BasicCancelAsync(_tag, cancellationToken: ct));
        for (var i = 0; i < _settings.Capacity; i++)
            await _room.WaitAsync();
        await TryAsync(ct => _channel.CloseAsync(ct));
        await _channel.DisposeAsync();
    }

    /// <summary>The body is the library's and is gone when this returns.</summary>
    async Task OnReceivedAsync(object sender, BasicDeliverEventArgs delivery)
    {
        var (tag, refusals, body) = (delivery.DeliveryTag, Refusals(delivery), delivery.Body.ToArray());
        if (_lost.Task.IsCompleted || !await TakeRoomAsync())
            return;
        _ = Task.Run(() => HandleAsync(tag, refusals, body));
    }

    async Task<bool> TakeRoomAsync()
    {
        try
        {
            await _room.WaitAsync(_stopping.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    async Task HandleAsync(ulong tag, int refusals, byte[] body)
    {
        try
        {
            await _handler(new(_topic, body, null, NoMetadata), CancellationToken.None);
            await SettleAsync(_channel.BasicAckAsync(tag, multiple: false));
        }
        catch (OperationCanceledException)
        {
            // deliveries stop, or the app can't be reached: not the message's fault
            await ReturnAsync(tag, 0);
        }
        catch (Exception e) when (_settings.RequeueInFailure)
        {
            Requeued(_log, _queue, e.Message);
            await ReturnAsync(tag, refusals);
        }
        catch (Exception e)
        {
            Dropped(_log, _queue, e.Message);
            await SettleAsync(_channel.BasicNackAsync(tag, multiple: false, requeue: false));
        }
        finally
        {
            _room.Release();
        }
    }

    async Task ReturnAsync(ulong tag, int refusals)
    {
        await Task.Delay(RefusalPause.After(refusals), _time, _stopping.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await SettleAsync(_channel.BasicNackAsync(tag, multiple: false, requeue: true));
    }

    /// <summary>On a channel that is gone there is nothing to say: its messages come again anyway.</summary>
    async Task SettleAsync(ValueTask settling)
    {
        try
        {
            await settling;
        }
        catch (Exception e)
        {
            ComesAgain(_log, _queue, e.Message);
        }
    }

    static int Refusals(BasicDeliverEventArgs delivery) =>
        delivery.BasicProperties.Headers?.TryGetValue("x-delivery-count", out var count) == true && count is not null
            ? Convert.ToInt32(count, CultureInfo.InvariantCulture)
        : delivery.Redelivered ? SomeRefusals
        : 0;

    Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        _lost.TrySetResult(RabbitFault.Text(reason));
        return Task.CompletedTask;
    }

    Task OnUnregisteredAsync(object sender, ConsumerEventArgs e)
    {
        _lost.TrySetResult($"RabbitMQ ended the consumer of queue '{_queue}', which was deleted or moved");
        return Task.CompletedTask;
    }

    /// <summary>A handler still at work would run beside that of the next consumer, for the same message.</summary>
    async Task<string> LostAndIdleAsync()
    {
        var reason = await _lost.Task;
        await _room.WaitAsync();
        _room.Release();
        return reason;
    }

    static async Task TryAsync(Func<CancellationToken, Task> call)
    {
        using var timeout = new CancellationTokenSource(Farewell);
        try
        {
            await call(timeout.Token);
        }
        catch (Exception)
        {
            // the channel is gone, and with it what was to be ended
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "queue {Queue}: a message was refused and comes again: {Reason}")]
    static partial void Requeued(ILogger log, string queue, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "queue {Queue}: a message was refused; it is lost unless the "
        + "broker dead-letters it (requeueInFailure is false): {Reason}")]
    static partial void Dropped(ILogger log, string queue, string reason);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "queue {Queue}: a message was handled but comes again, for its channel is closed: {Reason}")]
    static partial void ComesAgain(ILogger log, string queue, string reason);
}
