namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>What the broker's thread works on: the store and what is in memory of it.</summary>
sealed class BrokerState : IDisposable
{
    const int DrainPage = 500;

    readonly Dictionary<long, EmbeddedQueue> _queues = [];
    readonly HashSet<long> _declared = [];
    readonly List<(long Queue, long Message)> _acknowledged = [];
    readonly HashSet<long> _grown = [];
    readonly TimeProvider _time;
    long _lastMessage;
    int _writing;
    bool _drainsNow;

    public BrokerState(EmbeddedStore store, TimeProvider time)
    {
        (Store, _time, _lastMessage) = (store, time, store.LastMessage());
        Router = new(store.Exchanges(), store.Bindings());
        Gate = new(store.Apps(), store.HasHeld());
        foreach (var (id, name) in store.Queues())
            _queues[id] = new(id, name);
    }

    public EmbeddedStore Store { get; }
    public Router Router { get; private set; }
    public SubscriberGate Gate { get; }

    /// <summary>There is something to write without a command: acknowledgements, or messages that were held.</summary>
    public bool HasWork => _acknowledged.Count > 0 || Gate.IsDraining;

    public bool IsDeclared(long queue) => _declared.Contains(queue);

    public long NextMessage() => ++_lastMessage;

    public EmbeddedQueue Declared(long id, string name)
    {
        _declared.Add(id);
        if (!_queues.TryGetValue(id, out var queue))
            _queues[id] = queue = new(id, name);
        return queue;
    }

    public void Grew(long queue) => _queues.GetValueOrDefault(queue)?.Grew();

    public void Acknowledge(EmbeddedQueue queue, long message)
    {
        queue.Acknowledged(message);
        _acknowledged.Add((queue.Id, message));
    }

    /// <summary>
    /// Acknowledgements, and a page of held messages if the gate may open. Returns once they are written, not
    /// committed.
    /// </summary>
    public void WriteOwnWork()
    {
        _writing = _acknowledged.Count;
        foreach (var (queue, message) in _acknowledged)
            Store.Remove(queue, message);
        if (!Gate.IsDraining)
            return;
        var page = Store.Held(DrainPage);
        foreach (var m in page)
            Release(m);
        if (page.Count < DrainPage)
        {
            _drainsNow = true;
            Gate.SetDrained(true);
        }
    }

    public void Committed()
    {
        _acknowledged.RemoveRange(0, _writing);
        foreach (var q in _grown)
            Grew(q);
        Forget();
    }

    /// <summary>
    /// After a transaction that failed: memory is again what the file has; acknowledgements are written with the next
    /// one.
    /// </summary>
    public void Recover()
    {
        Store.RollBack();
        if (_drainsNow)
            Gate.SetDrained(false);
        Router = new(Store.Exchanges(), Store.Bindings());
        Forget();
    }

    public void Deliver()
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var queue in _queues.Values)
            queue.Deliver(Store, now, expired => _acknowledged.Add((queue.Id, expired)));
    }

    public void Dispose() => Store.Dispose();

    void Release(HeldMessage message)
    {
        Store.Release(message.Id);
        var queues = Router.Route(message.Exchange, message.Key);
        foreach (var q in queues)
        {
            Store.Enqueue(q, message.Id);
            _grown.Add(q);
        }
        if (queues.Count == 0)
            Store.RemoveUnused(message.Id);
    }

    void Forget()
    {
        _grown.Clear();
        (_writing, _drainsNow) = (0, false);
    }
}
