namespace CloudPhone.Sidecar.Resiliency;

/// <summary>Keeps the entries that were used last, so that keys made from URL paths can't fill the memory.</summary>
sealed class LruCache<TValue>(int capacity)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, LinkedListNode<(string Key, TValue Value)>> _nodes = [];
    readonly LinkedList<(string Key, TValue Value)> _order = [];

    public TValue GetOrAdd(string key, Func<string, TValue> make)
    {
        lock (_lock)
        {
            if (_nodes.TryGetValue(key, out var node))
            {
                _order.Remove(node);
                _order.AddFirst(node);
                return node.Value.Value;
            }
            if (_nodes.Count >= capacity)
            {
                _nodes.Remove(_order.Last!.Value.Key);
                _order.RemoveLast();
            }
            var value = make(key);
            _nodes[key] = _order.AddFirst((key, value));
            return value;
        }
    }
}
