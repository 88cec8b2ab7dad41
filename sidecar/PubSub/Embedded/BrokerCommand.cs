namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>Something to do for the broker's thread. Many become one transaction.</summary>
abstract class BrokerCommand
{
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    /// <summary>The one who waits for this may go on only once it is on disk.</summary>
    public virtual bool IsDurable => true;

    /// <summary>Notes in memory what holds even where the transaction fails.</summary>
    public virtual void Note(BrokerState state)
    {
    }

    /// <summary>
    /// Writes to the store, and changes nothing in memory that <see cref="BrokerState.Recover"/> does not take back.
    /// </summary>
    /// <exception cref="InvalidOperationException">The command is refused; the others of the transaction are
    /// not.</exception>
    public virtual void Write(BrokerState state)
    {
    }

    /// <summary>The transaction is on disk.</summary>
    public virtual void Committed(BrokerState state)
    {
    }

    /// <summary>The transaction is over, one way or the other.</summary>
    public virtual void Complete(Exception? error)
    {
        if (error is null)
            _done.TrySetResult();
        else if (_done.TrySetException(error))
            _ = _done.Task.Exception; // nobody has to look
    }
}

sealed class Publication(string exchange, ExchangeKind kind, string key, long? expires, byte[] body) : BrokerCommand
{
    IReadOnlyCollection<long> _queues = [];

    public override void Write(BrokerState state)
    {
        if (state.Router.Declare(exchange, kind))
            state.Store.SaveExchange(exchange, kind);
        if (!state.Gate.IsOpen)
        {
            state.Store.Insert(state.NextMessage(), exchange, key, expires, held: true, body);
            return;
        }
        _queues = state.Router.Route(exchange, key);
        if (_queues.Count == 0)
            return;
        var id = state.NextMessage();
        state.Store.Insert(id, exchange, key, expires, held: false, body);
        foreach (var q in _queues)
            state.Store.Enqueue(q, id);
    }

    public override void Committed(BrokerState state)
    {
        foreach (var q in _queues)
            state.Grew(q);
    }
}

/// <summary>Declares exchange, queue and bindings, then consumes.</summary>
sealed class Declaration(
    string exchange, ExchangeKind kind, string queueName, IReadOnlyList<string> keys,
    EmbeddedConsumer consumer) : BrokerCommand
{
    long _queue;
    string? _replaced;
    List<Binding> _bindings = [];

    public override void Write(BrokerState state)
    {
        if (state.Router.Declare(exchange, kind))
            state.Store.SaveExchange(exchange, kind);
        _queue = state.Store.SaveQueue(queueName);
        _bindings = [.. keys.Distinct().Select(k => new Binding(_queue, exchange, k))];
        // the first subscription in the life of this process says all that the queue wants; others may add exchanges
        _replaced = state.IsDeclared(_queue) ? exchange : null;
        state.Store.Rebind(_queue, _replaced, _bindings);
    }

    public override void Committed(BrokerState state)
    {
        state.Router.Rebind(_queue, _replaced, _bindings);
        consumer.Attach(state.Declared(_queue, queueName));
        state.Grew(_queue);
    }
}

sealed class Cancellation(EmbeddedConsumer consumer) : BrokerCommand
{
    public override bool IsDurable => false;

    public override void Note(BrokerState state) => consumer.Detach();
}

/// <summary>An app has told all of its subscriptions.</summary>
sealed class Telling(string appId) : BrokerCommand
{
    public override void Write(BrokerState state) => state.Store.SaveApp(appId);

    public override void Committed(BrokerState state) => state.Gate.Told(appId);
}

sealed class Expectation(IReadOnlyCollection<string> appIds) : BrokerCommand
{
    public override bool IsDurable => false;

    public override void Note(BrokerState state) => state.Gate.Expect(appIds);
}

/// <summary>A consumer is done with a message.</summary>
sealed class Settlement(EmbeddedQueue queue, long message, EmbeddedConsumer consumer, Fate fate) : BrokerCommand
{
    public override bool IsDurable => false;

    public override void Note(BrokerState state)
    {
        if (fate == Fate.Done)
            state.Acknowledge(queue, message);
        else
            queue.Return(message, fate == Fate.Refused);
        consumer.Release();
    }

    public override void Complete(Exception? error)
    {
        base.Complete(error);
        consumer.Settled();
    }
}
