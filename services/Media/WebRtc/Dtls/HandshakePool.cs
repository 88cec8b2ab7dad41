namespace CloudPhone.Media.WebRtc.Dtls;

/// <summary>
/// Threads for handshakes, which the library can only do by waiting: a bounded number of them, and of what waits for
/// one. They are made when they are needed first. What plays needs none of them.
/// </summary>
sealed class HandshakePool(int maxThreads) : IDisposable
{
    const int StackBytes = 512 * 1024, MaxWaiting = 128;

    readonly Queue<Action> _waiting = new();
    readonly List<Thread> _threads = [];
    int _idle;
    bool _ended;

    /// <returns>False: too much waits already, or this is over.</returns>
    public bool TryRun(Action work)
    {
        lock (_waiting)
        {
            if (_ended || _waiting.Count == MaxWaiting)
                return false;
            _waiting.Enqueue(work);
            if (_waiting.Count > _idle && _threads.Count < maxThreads)
                Begin();
            Monitor.Pulse(_waiting);
            return true;
        }
    }

    void Begin()
    {
        var thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "handshake" };
        _idle++; // it will take one of those that wait
        _threads.Add(thread);
        thread.Start();
    }

    void Run()
    {
        while (Next() is { } work)
        {
            work();
            lock (_waiting)
                _idle++;
        }
    }

    /// <returns>Null: it is over.</returns>
    Action? Next()
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0 && !_ended)
                Monitor.Wait(_waiting);
            _idle--;
            return _waiting.TryDequeue(out var work) ? work : null;
        }
    }

    /// <summary>What runs is to be ended by whoever began it, before this. Not for its own threads.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            _ended = true;
            Monitor.PulseAll(_waiting);
        }
        foreach (var thread in _threads) // no more are made
            thread.Join();
    }
}
