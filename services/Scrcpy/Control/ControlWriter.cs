using System.Threading.Channels;

namespace CloudPhone.Scrcpy.Control;

/// <summary>
/// Sends messages in the order in which they were given. What comes while the phone has not taken the last ones yet
/// goes out with the next packet: a finger's moves don't queue up, whatever the way to the phone takes. No message
/// allocates.
/// </summary>
sealed class ControlWriter(Stream stream)
{
    /// <summary>What may wait; a message that is longer goes when nothing else does.</summary>
    const int Room = 64 << 10;
    readonly Lock _gate = new();
    readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { SingleReader = true });
    byte[] _waiting = new byte[1024], _sending = new byte[1024];
    int _length;
    TaskCompletionSource? _room;
    ScrcpyException? _end;

    /// <summary>Completes when it will go out, unless the session ends.</summary>
    /// <exception cref="ScrcpyException">It has ended.</exception>
    public ValueTask SendAsync<T>(in T message, CancellationToken ct) where T : struct, IControlMessage =>
        TryAdd(message) is { } room ? AddAsync(message, room, ct) : ValueTask.CompletedTask;

    /// <returns>Null, or when there may be room for it.</returns>
    Task? TryAdd<T>(in T message) where T : struct, IControlMessage
    {
        var length = message.Length;
        lock (_gate)
        {
            if (_end is not null)
                throw _end.Again();
            if (_length > 0 && _length + length > Room)
                return (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            if (_length + length > _waiting.Length)
                Array.Resize(ref _waiting, Math.Max(_length + length, 2 * _waiting.Length));
            message.Write(_waiting.AsSpan(_length, length));
            _length += length;
        }
        _wake.Writer.TryWrite(true);
        return null;
    }

    async ValueTask AddAsync<T>(T message, Task room, CancellationToken ct) where T : struct, IControlMessage
    {
        for (Task? next = room; next is not null; next = TryAdd(message))
            await next.WaitAsync(ct);
    }

    /// <summary>Until it can't any more.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var stop = ct.UnsafeRegister(s => ((ControlWriter)s!)._wake.Writer.TryComplete(), this);
        // without a token: waiting then costs no allocation
        while (await _wake.Reader.WaitToReadAsync(CancellationToken.None))
        {
            _wake.Reader.TryRead(out _);
            var length = Take();
            if (length > 0)
                await stream.WriteAsync(_sending.AsMemory(0, length), ct);
        }
        ct.ThrowIfCancellationRequested();
    }

    int Take()
    {
        TaskCompletionSource? room;
        int length;
        lock (_gate)
        {
            (_waiting, _sending) = (_sending, _waiting);
            (length, _length) = (_length, 0);
            (room, _room) = (_room, null);
        }
        room?.SetResult();
        return length;
    }

    /// <summary>Whoever waits or comes later is told so.</summary>
    public void End(ScrcpyException reason)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _end ??= reason;
            (room, _room) = (_room, null);
        }
        room?.SetResult();
    }
}
