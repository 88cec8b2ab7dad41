using System.Collections.Concurrent;
using System.Threading.Channels;
using CloudPhone.PhoneSimulator.Adb;

namespace CloudPhone.PhoneSimulator.Android;

/// <summary>Sockets that programs of the phone listen on by name; ADB opens them as <c>localabstract:NAME</c>.
/// </summary>
sealed class LocalSockets
{
    readonly ConcurrentDictionary<string, LocalListener> _listening = new();

    /// <returns>Null where the name is taken.</returns>
    public LocalListener? Listen(string name)
    {
        var listener = new LocalListener(l => _listening.TryRemove(new(name, l)));
        return _listening.TryAdd(name, listener) ? listener : null;
    }

    /// <returns>Null where nobody listens.</returns>
    public AdbService? Find(string name) =>
        _listening.TryGetValue(name, out var listener) ? listener.ServeAsync : null;
}

sealed class LocalListener(Action<LocalListener> removed) : IDisposable
{
    const int Backlog = 4;
    readonly Channel<LocalSocket> _waiting = Channel.CreateBounded<LocalSocket>(Backlog);

    public async Task<LocalSocket> AcceptAsync(CancellationToken ct) => await _waiting.Reader.ReadAsync(ct);

    /// <summary>Until whoever took it has closed it.</summary>
    public async Task ServeAsync(Stream stream, CancellationToken closed)
    {
        var socket = new LocalSocket(stream, closed);
        if (_waiting.Writer.TryWrite(socket))
            await socket.Ended.WaitAsync(closed);
    }

    /// <summary>Whoever was not taken yet is hung up on.</summary>
    public void Dispose()
    {
        removed(this);
        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out var socket))
            socket.Dispose();
    }
}

/// <param name="closed">The other side has closed it.</param>
sealed class LocalSocket(Stream stream, CancellationToken closed) : IDisposable
{
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Stream Stream => stream;
    public CancellationToken Closed => closed;
    public Task Ended => _ended.Task;

    public void Dispose() => _ended.TrySetResult();
}
