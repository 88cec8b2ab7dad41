namespace CloudPhone.Media.WebRtc.Dtls;

/// <summary>
/// Threads for handshakes, which the library can only do by waiting: a bounded number of them, and of what waits for
/// one. They are made when they are needed first. What plays needs none of them. Whoever begins handshakes and falls
/// silent keeps nobody else waiting for long: there are a few threads at most for all of one owner's, and where all are
/// taken whoever has had one longest gives way.
/// </summary>
sealed class HandshakePool(int maxThreads) : IDisposable
{
    /// <summary>At a time, running and waiting, of one owner.</summary>
    public const int MaxOfOne = 6;
    const int StackBytes = 512 * 1024, MaxWaiting = 128;
    /// <summary>A genuine one takes some hundredths of a second and a few round trips.</summary>
    const int TurnMillis = 1000;

    readonly Queue<Turn> _waiting = new();
    readonly LinkedList<Turn> _running = new();
    readonly Dictionary<object, int> _owners = [];
    readonly List<Thread> _threads = [];
    int _idle;
    bool _ended;

    public int Running
    {
        get
        {
            lock (_waiting)
                return _running.Count;
        }
    }

    /// <param name="work">Is done by a thread of this.</param>
    /// <param name="owner">Whose it is; null: nobody's, who is not counted.</param>
    /// <param name="giveUp">Makes it end soon, where it waits for the other side; false: it is at work. Null: it does
    /// not take long.</param>
    /// <returns>False: too much waits already, of all or of the owner, or this is over.</returns>
    public bool TryRun(Action work, object? owner, Func<bool>? giveUp)
    {
        lock (_waiting)
        {
            var ofOwner = owner is null ? 0 : _owners.GetValueOrDefault(owner);
            if (_ended || _waiting.Count == MaxWaiting || ofOwner == MaxOfOne)
                return false;
            if (owner is not null)
                _owners[owner] = ofOwner + 1;
            _waiting.Enqueue(new(work, owner, giveUp));
            if (_waiting.Count > _idle && _threads.Count < maxThreads)
                Begin();
            Monitor.Pulse(_waiting);
            return true;
        }
    }

    /// <summary>Where some wait for a thread, as many of those that have had one longest give way. To be called again
    /// and again: who was told already, and has not ended yet, counts.</summary>
    public void Relieve()
    {
        var now = Environment.TickCount64;
        lock (_waiting)
        {
            var lacking = _threads.Count < maxThreads ? 0
                : _waiting.Count - _idle - _running.Count(t => t.GivesWay);
            foreach (var turn in _running.TakeWhile(t => now - t.Since >= TurnMillis))
            {
                if (lacking <= 0)
                    return;
                if (turn.GivesWay || turn.GiveUp?.Invoke() != true)
                    continue;
                turn.GivesWay = true;
                lacking--;
            }
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
        while (Next() is { } turn)
        {
            turn.Work();
            lock (_waiting)
            {
                _idle++;
                _running.Remove(turn);
                if (turn.Owner is { } owner && --_owners[owner] == 0)
                    _owners.Remove(owner);
            }
        }
    }

    /// <returns>Null: it is over.</returns>
    Turn? Next()
    {
        lock (_waiting)
        {
            while (_waiting.Count == 0 && !_ended)
                Monitor.Wait(_waiting);
            _idle--;
            if (!_waiting.TryDequeue(out var turn))
                return null;
            turn.Since = Environment.TickCount64;
            _running.AddLast(turn);
            return turn;
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

    sealed class Turn(Action work, object? owner, Func<bool>? giveUp)
    {
        public Action Work => work;
        public object? Owner => owner;
        public Func<bool>? GiveUp => giveUp;
        public long Since { get; set; }
        /// <summary>It was told to end, and does so soon.</summary>
        public bool GivesWay { get; set; }
    }
}
