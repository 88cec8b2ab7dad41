namespace CloudPhone.Sidecar.PubSub.Embedded;

/// <summary>
/// A queue's place in its stored messages: everything up to the cursor was handed out, and what was given back since
/// comes first. Bodies are read when a consumer has room for them, so a long queue costs no memory. Used by the
/// broker's thread only.
/// </summary>
sealed class EmbeddedQueue(long id, string name)
{
    const int Page = 64;

    readonly SortedSet<long> _returned = [];
    readonly Dictionary<long, int> _refusals = [];
    readonly List<EmbeddedConsumer> _consumers = [];
    long _cursor;
    uint _turn;
    bool _mayHaveMore = true;

    public long Id => id;
    public string Name => name;

    public void Add(EmbeddedConsumer consumer) => _consumers.Add(consumer);

    public void Remove(EmbeddedConsumer consumer) => _consumers.Remove(consumer);

    public void Grew() => _mayHaveMore = true;

    public void Acknowledged(long message) => _refusals.Remove(message);

    /// <summary>The message goes back to its place. A refusal is counted: the next one waits longer.</summary>
    public void Return(long message, bool refused)
    {
        _returned.Add(message);
        if (refused)
            _refusals[message] = _refusals.GetValueOrDefault(message) + 1;
    }

    /// <summary>Hands messages to consumers as long as both are there; the consumers take turns.</summary>
    public void Deliver(EmbeddedStore store, long now, Action<long> expired)
    {
        while (_consumers.Sum(c => c.Room) is > 0 and var room)
        {
            var messages = Next(store, Math.Min(room, Page));
            if (messages.Count == 0)
                return;
            foreach (var m in messages)
                if (m.Expires < now)
                    expired(m.Id);
                else
                    NextConsumer().Take(this, m, _refusals.GetValueOrDefault(m.Id));
        }
    }

    List<StoredMessage> Next(EmbeddedStore store, int limit)
    {
        while (_returned.Count > 0)
        {
            var first = store.One(id, _returned.Min);
            _returned.Remove(_returned.Min);
            if (first.Count > 0)
                return first;
        }
        if (!_mayHaveMore)
            return [];
        var page = store.After(id, _cursor, limit);
        _mayHaveMore = page.Count == limit;
        if (page.Count > 0)
            _cursor = page[^1].Id;
        return page;
    }

    EmbeddedConsumer NextConsumer()
    {
        while (_consumers[(int)(_turn++ % _consumers.Count)].Room == 0)
        {
        }
        return _consumers[(int)((_turn - 1) % _consumers.Count)];
    }
}
