using Org.BouncyCastle.Tls;

namespace CloudPhone.Media.WebRtc.Dtls;

/// <summary>
/// Lets the library, which wants to wait for datagrams, have those that the hub has read: a bounded queue in, and a
/// call out.
/// </summary>
sealed class DtlsChannel(Action<ReadOnlySpan<byte>> send) : DatagramTransport
{
    const int MaxWaiting = 32, MaxDatagram = 1200;

    readonly Queue<byte[]> _waiting = new();
    bool _closed, _isIdle;

    public bool HasWaiting
    {
        get
        {
            lock (_waiting)
                return _waiting.Count > 0;
        }
    }

    /// <summary>A datagram came; where too many wait it is lost, as on any way.</summary>
    public void Offer(ReadOnlySpan<byte> datagram)
    {
        lock (_waiting)
        {
            if (_closed || _waiting.Count == MaxWaiting)
                return;
            _waiting.Enqueue(datagram.ToArray());
            Monitor.Pulse(_waiting);
        }
    }

    public int GetReceiveLimit() => DatagramBatch.MaxDatagram;

    public int GetSendLimit() => MaxDatagram;

    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    /// <param name="waitMillis">0: for ever.</param>
    /// <returns>-1: nothing came in time.</returns>
    /// <exception cref="EndOfStreamException">Nothing will come any more. (A time-out the library would take for a
    /// reason to try again at once, for as long as the handshake may last.)</exception>
    public int Receive(Span<byte> buffer, int waitMillis)
    {
        lock (_waiting)
        {
            if (!_closed && _waiting.Count == 0)
            {
                _isIdle = true;
                Monitor.Wait(_waiting, waitMillis == 0 ? Timeout.Infinite : waitMillis);
                _isIdle = false;
            }
            if (_closed)
                throw new EndOfStreamException("The session has ended.");
            if (!_waiting.TryDequeue(out var datagram))
                return -1;
            var length = Math.Min(datagram.Length, buffer.Length);
            datagram.AsSpan(0, length).CopyTo(buffer);
            return length;
        }
    }

    public void Send(byte[] buf, int off, int len) => send(buf.AsSpan(off, len));

    public void Send(ReadOnlySpan<byte> buffer) => send(buffer);

    /// <summary>Closes it, where somebody waits here for the other side's next word.</summary>
    /// <returns>False: nobody does.</returns>
    public bool GiveUp()
    {
        lock (_waiting)
        {
            if (!_isIdle || _closed)
                return false;
            Close();
            return true;
        }
    }

    /// <summary>Wakes whoever waits.</summary>
    public void Close()
    {
        lock (_waiting)
        {
            _closed = true;
            _waiting.Clear();
            Monitor.PulseAll(_waiting);
        }
    }
}
