using System.Threading.Channels;

namespace CloudPhone.PhoneSimulator.Adb;

/// <summary>
/// One of the streams of a connection. In each direction one packet may be under way until it is acknowledged; ours is
/// acknowledged once the service has read all of it, which is how a slow service slows its peer down.
/// </summary>
sealed class AdbStream : AsyncStream
{
    readonly AdbWire _wire;
    readonly uint _id;
    readonly int _peerMax;
    readonly CancellationTokenSource _closed;
    readonly Channel<(byte[] Bytes, int Length)> _inbox = Channel.CreateBounded<(byte[], int)>(1);
    readonly SemaphoreSlim _mayWrite = new(1, 1);
    byte[] _current = [];
    int _from, _to;
    int _owesAcknowledgement;

    public AdbStream(AdbWire wire, uint id, uint peerId, int peerMax, CancellationToken connection)
    {
        (_wire, _id, PeerId, _peerMax) = (wire, id, peerId, peerMax);
        _closed = CancellationTokenSource.CreateLinkedTokenSource(connection);
        Closed = _closed.Token;
    }

    public uint PeerId { get; }

    /// <summary>The peer has closed the stream or its connection.</summary>
    public CancellationToken Closed { get; }

    /// <exception cref="AdbException">The peer did not wait for its acknowledgement.</exception>
    public void Received(byte[] bytes, int length)
    {
        var isTooEarly = Interlocked.Exchange(ref _owesAcknowledgement, 1) == 1;
        if (isTooEarly || !_inbox.Writer.TryWrite((bytes, length)))
            AdbWire.Return(bytes);
        if (isTooEarly)
            throw new AdbException("a stream's data came before the last were acknowledged");
    }

    public void Acknowledged()
    {
        // one that nobody waits for changes nothing
        if (_mayWrite.CurrentCount == 0)
            _mayWrite.Release();
    }

    public void PeerClosed()
    {
        _inbox.Writer.TryComplete();
        try
        {
            _closed.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // its service ended at the same moment
        }
    }

    /// <returns>0 when the peer has closed.</returns>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_from == _to)
        {
            if (!await _inbox.Reader.WaitToReadAsync(cancellationToken)
                || !_inbox.Reader.TryRead(out var received))
                return 0;
            (_current, _from, _to) = (received.Bytes, 0, received.Length);
            if (_to == 0)
                await AcknowledgeAsync(cancellationToken);
        }
        var n = Math.Min(buffer.Length, _to - _from);
        _current.AsMemory(_from, n).CopyTo(buffer);
        _from += n;
        if (_from == _to)
            await AcknowledgeAsync(cancellationToken);
        return n;
    }

    async Task AcknowledgeAsync(CancellationToken ct)
    {
        AdbWire.Return(_current);
        (_current, _from, _to) = ([], 0, 0);
        Volatile.Write(ref _owesAcknowledgement, 0);
        if (!Closed.IsCancellationRequested)
            await _wire.SendAsync(AdbCommand.Okay, _id, PeerId, default, ct);
    }

    /// <exception cref="OperationCanceledException">The peer has closed.</exception>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            var n = Math.Min(buffer.Length, _peerMax);
            await _mayWrite.WaitAsync(Closed);
            await _wire.SendAsync(AdbCommand.Write, _id, PeerId, buffer[..n], Closed);
            buffer = buffer[n..];
        }
    }

    protected override void Dispose(bool disposing)
    {
        _inbox.Writer.TryComplete();
        while (_inbox.Reader.TryRead(out var left))
            AdbWire.Return(left.Bytes);
        AdbWire.Return(_current);
        (_current, _from, _to) = ([], 0, 0);
        _closed.Dispose();
        base.Dispose(disposing);
    }
}
