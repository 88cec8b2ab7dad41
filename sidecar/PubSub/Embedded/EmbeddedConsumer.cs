namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>
/// One subscription's share of a queue: it runs the handler for as many messages at once as its prefetch allows.
/// </summary>
sealed partial class EmbeddedConsumer(
    EmbeddedBroker broker, ConsumerSettings settings, Func<PubSubMessage, CancellationToken, Task> handler,
    TimeProvider time, ILogger log)
    : IConsumer
{
    static readonly Dictionary<string, string> NoMetadata = [];

    readonly CancellationTokenSource _stopping = new();
    readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _running;
    EmbeddedQueue? _queue;
    bool _isDetached;

    /// <summary>How many messages more it takes; only the broker's thread looks and writes.</summary>
    public int Room { get; private set; } = settings.Capacity;

    public void Attach(EmbeddedQueue queue)
    {
        _queue = queue;
        queue.Add(this);
    }

    public void Detach()
    {
        _queue?.Remove(this);
        _isDetached = true;
        if (_running == 0)
            _idle.TrySetResult();
    }

    public void Take(EmbeddedQueue queue, StoredMessage message, int refusals)
    {
        Room--;
        _running++;
        _ = Task.Run(() => HandleAsync(queue, message, refusals));
    }

    /// <summary>A slot is free again.</summary>
    public void Release() => Room++;

    /// <summary>What became of a message is written.</summary>
    public void Settled()
    {
        if (--_running == 0 && _isDetached)
            _idle.TrySetResult();
    }

    /// <summary>Takes nothing new and waits for the handlers that run.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await broker.CancelAsync(this);
        await Task.WhenAny(_idle.Task, broker.Closed);
    }

    async Task HandleAsync(EmbeddedQueue queue, StoredMessage message, int refusals)
    {
        var fate = Fate.GivenBack;
        try
        {
            await handler(new(settings.Topic, message.Body, null, NoMetadata), broker.Closing);
            fate = Fate.Done;
        }
        catch (OperationCanceledException)
        {
            // deliveries stop: not the message's fault
            await PauseAsync(0);
        }
        catch (Exception e) when (settings.RequeueInFailure)
        {
            fate = Fate.Refused;
            Requeued(log, queue.Name, message.Id, e.Message);
            await PauseAsync(refusals);
        }
        catch (Exception e)
        {
            fate = Fate.Done;
            Dropped(log, queue.Name, message.Id, e.Message);
        }
        broker.Settle(queue, message.Id, this, fate);
    }

    /// <summary>Keeps the slot meanwhile, so that order is kept where there is one slot.</summary>
    async Task PauseAsync(int refusals) =>
        await Task.Delay(RefusalPause.After(refusals), time, _stopping.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "queue {Queue}: message {Message} was refused and comes again: {Reason}")]
    static partial void Requeued(ILogger log, string queue, long message, string reason);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "queue {Queue}: message {Message} was refused and is dropped (requeueInFailure is false): {Reason}")]
    static partial void Dropped(ILogger log, string queue, long message, string reason);
}

/// <param name="Capacity">Messages in hand at most.</param>
sealed record ConsumerSettings(string Topic, int Capacity, bool RequeueInFailure);

/// <summary>What became of a message in a consumer's hand.</summary>
enum Fate { Done, GivenBack, Refused }
