using System.Collections.Concurrent;

namespace CloudPhone.Media.WebRtc.Dtls;

/// <summary>
/// Threads for handshakes, which the library can only do by waiting: a bounded number of them, and of what waits for
/// one. They are made when they are needed first. What plays needs none of them.
/// </summary>
sealed class HandshakePool(int maxThreads) : IDisposable
{
    const int StackBytes = 512 * 1024, MaxWaiting = 128;

    readonly BlockingCollection<Action> _work = new(MaxWaiting);
    readonly Lock _lock = new();
    readonly List<Thread> _threads = [];
    int _busy;

    /// <returns>False: too much waits already.</returns>
    public bool TryRun(Action work)
    {
        if (_work.IsAddingCompleted || !_work.TryAdd(work))
            return false;
        lock (_lock)
            if (_threads.Count < maxThreads && _threads.Count < _work.Count + Volatile.Read(ref _busy))
            {
                var thread = new Thread(Run, StackBytes) { IsBackground = true, Name = "handshake" };
                _threads.Add(thread);
                thread.Start();
            }
        return true;
    }

    void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            Interlocked.Increment(ref _busy);
            work();
            Interlocked.Decrement(ref _busy);
        }
    }

    /// <summary>What runs is to be ended by whoever began it, before this.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        lock (_lock)
            foreach (var thread in _threads)
                thread.Join();
        _work.Dispose();
    }
}
