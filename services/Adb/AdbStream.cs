using System.Threading.Channels;

namespace CloudPhone.Adb;

/// <summary>
/// One of the streams of a connection. In each direction one packet may be under way until it is acknowledged; the
/// phone's next one is asked for when the last is taken up, so who stops reading stops the phone, and no other stream.
/// </summary>
/// <remarks>All calls throw <see cref="AdbException"/> where the connection breaks or nothing happens for
/// <see cref="IdleLimit"/>.</remarks>
sealed class AdbStream(AdbConnection connection, uint id, TimeProvider clock) : Stream
{
    readonly Channel<(byte[] Bytes, int Length)> _inbox = Channel.CreateBounded<(byte[], int)>(1);
    readonly SemaphoreSlim _mayWrite = new(0, 1);
    readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    byte[] _current = [];
    int _from, _to;
    int _owesAcknowledgement;
    int _isLeft;
    volatile bool _isClosed;
    volatile AdbException? _failure;

    public uint Id => id;

    public uint PeerId { get; private set; }

    /// <summary>Whether the phone's adbd has said that it can.</summary>
    public bool Can(string feature) => connection.Can(feature);

    /// <summary>Completes when the phone has taken it.</summary>
    public Task Opened => _opened.Task;

    /// <summary>For so long it may happen that nothing moves.</summary>
    public TimeSpan IdleLimit { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Nothing may come for as long as the connection lives, as from a screen on which nothing happens; what
    /// is sent must be taken in time all the same.</summary>
    public bool MayBeSilent { get; set; }

    /// <summary>The phone has taken the stream, or its last packet.</summary>
    /// <exception cref="AdbException">It is not the stream that it was.</exception>
    public void Acknowledged(uint peerId)
    {
        if (peerId == 0 || (PeerId != 0 && PeerId != peerId))
            throw AdbException.Protocol("an acknowledgement of no stream");
        var isFirst = PeerId == 0;
        PeerId = peerId;
        LetWrite();
        _opened.TrySetResult();
        if (isFirst && Interlocked.CompareExchange(ref _isLeft, 1, 1) == 1)
            _ = connection.CloseAsync(this); // who asked for it did not wait for the answer
    }

    /// <exception cref="AdbException">The phone did not wait for its acknowledgement.</exception>
    public void Received(byte[] bytes, int length)
    {
        var isTooEarly = PeerId == 0 || Interlocked.Exchange(ref _owesAcknowledgement, 1) == 1;
        if (isTooEarly || _isLeft == 1 || !_inbox.Writer.TryWrite((bytes, length)))
            AdbWire.Return(bytes);
        if (isTooEarly)
            throw AdbException.Protocol("a stream's data came before the last were acknowledged");
    }

    /// <param name="failure">Null: the phone has closed the stream.</param>
    public void Ended(AdbException? failure)
    {
        _failure ??= failure;
        _isClosed = true;
        _inbox.Writer.TryComplete(failure);
        if (failure is null)
            _opened.TrySetException(
                new AdbException(AdbFault.Refused, "The phone does not offer what was asked of its adbd."));
        else
            _opened.TrySetException(failure);
        _ = _opened.Task.Exception; // seen, also where nobody waits for it
        LetWrite();
    }

    void LetWrite()
    {
        try
        {
            if (_mayWrite.CurrentCount == 0)
                _mayWrite.Release();
        }
        catch (SemaphoreFullException)
        {
            // acknowledged and ended at the same moment
        }
    }

    /// <returns>0 when the phone has closed.</returns>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_from == _to)
        {
            if (!_inbox.Reader.TryRead(out var received))
            {
                if (!await (MayBeSilent ? WaitForDataAsync(cancellationToken)
                    : InTimeAsync(WaitForDataAsync, cancellationToken)))
                    return 0;
                continue;
            }
            AdbWire.Return(_current);
            (_current, _from, _to) = (received.Bytes, 0, received.Length);
            Volatile.Write(ref _owesAcknowledgement, 0);
            // not the caller's token: without it the phone would never send the next
            if (!_isClosed)
                await connection.SendAsync(AdbCommand.Okay, this, default, CancellationToken.None);
        }
        var n = Math.Min(buffer.Length, _to - _from);
        _current.AsMemory(_from, n).CopyTo(buffer);
        _from += n;
        return n;
    }

    async Task<bool> WaitForDataAsync(CancellationToken ct)
    {
        try
        {
            return await _inbox.Reader.WaitToReadAsync(ct);
        }
        catch (AdbException e)
        {
            throw e.Again();
        }
    }

    /// <exception cref="AdbException">With <see cref="AdbFault.Closed"/>: the phone has closed, but may have said why.
    /// </exception>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            var n = Math.Min(buffer.Length, connection.PeerMax);
            if (!_isClosed && !_mayWrite.Wait(0, CancellationToken.None))
                await InTimeAsync(async ct =>
                {
                    await _mayWrite.WaitAsync(ct);
                    return true;
                }, cancellationToken);
            if (_isClosed)
                throw _failure?.Again()
                    ?? new AdbException(AdbFault.Closed, "The phone did not take everything that was sent.");
            await connection.SendAsync(AdbCommand.Write, this, buffer[..n], cancellationToken);
            buffer = buffer[n..];
        }
    }

    async Task<bool> InTimeAsync(Func<CancellationToken, Task<bool>> wait, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(IdleLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            return await wait(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new AdbException(
                AdbFault.TimedOut, $"The phone did not go on for {IdleLimit.TotalSeconds:0} seconds.");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (Leave())
            await connection.CloseAsync(this);
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Leave())
            _ = connection.CloseAsync(this);
        base.Dispose(disposing);
    }

    /// <returns>True where the phone is to be told.</returns>
    bool Leave()
    {
        if (Interlocked.Exchange(ref _isLeft, 1) == 1)
            return false;
        _inbox.Writer.TryComplete();
        while (_inbox.Reader.TryRead(out var left))
            AdbWire.Return(left.Bytes);
        AdbWire.Return(_current);
        (_current, _from, _to) = ([], 0, 0);
        return true;
    }

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Every write has gone out when it returns.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
