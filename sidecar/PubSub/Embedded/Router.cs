namespace CloudPhone.Sidecar.PubSub.Embedded;

sealed record Binding(long Queue, string Exchange, string Key);

/// <summary>
/// The exchanges' kinds and bindings, in memory as the store has them. Used by the broker's thread only.
/// </summary>
sealed class Router
{
    readonly Dictionary<string, ExchangeKind> _kinds = [];
    readonly HashSet<string> _declared = [];
    readonly Dictionary<string, List<Binding>> _bindings = [];

    public Router(IEnumerable<(string Exchange, ExchangeKind Kind)> exchanges, IEnumerable<Binding> bindings)
    {
        foreach (var (exchange, kind) in exchanges)
            _kinds[exchange] = kind;
        Add(bindings);
    }

    /// <summary>
    /// True: the store has to keep this kind. The first to name an exchange in the life of the process decides.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another component uses the exchange as another kind.</exception>
    public bool Declare(string exchange, ExchangeKind kind)
    {
        var isKnown = _kinds.TryGetValue(exchange, out var present);
        if (isKnown && present != kind && _declared.Contains(exchange))
            throw new InvalidOperationException(
                $"topic '{exchange}' is used with exchangeKind {Name(present)} by another component, not {Name(kind)}");
        _declared.Add(exchange);
        _kinds[exchange] = kind;
        return !isKnown || present != kind;
    }

    public void Rebind(long queue, string? exchange, IEnumerable<Binding> bindings)
    {
        foreach (var (name, list) in _bindings)
            if (exchange is null || name == exchange)
                list.RemoveAll(b => b.Queue == queue);
        Add(bindings);
    }

    /// <summary>The queues that get a message, each once.</summary>
    public IReadOnlyCollection<long> Route(string exchange, string key)
    {
        var queues = new HashSet<long>();
        if (!_bindings.TryGetValue(exchange, out var bindings))
            return queues;
        var kind = _kinds.GetValueOrDefault(exchange);
        foreach (var b in bindings)
            if (!queues.Contains(b.Queue) && TopicPattern.Takes(kind, b.Key, key))
                queues.Add(b.Queue);
        return queues;
    }

    static string Name(ExchangeKind kind) => kind switch
    {
        ExchangeKind.Fanout => "fanout",
        ExchangeKind.Direct => "direct",
        _ => "topic",
    };

    void Add(IEnumerable<Binding> bindings)
    {
        foreach (var b in bindings)
        {
            if (!_bindings.TryGetValue(b.Exchange, out var list))
                _bindings[b.Exchange] = list = [];
            list.Add(b);
        }
    }
}
