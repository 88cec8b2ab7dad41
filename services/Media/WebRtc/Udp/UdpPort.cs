using System.Net;
using System.Net.Sockets;

namespace CloudPhone.Media.WebRtc.Udp;

/// <summary>One socket of the hub, for one family of addresses, and the thread that reads it.</summary>
sealed class UdpPort : IDisposable
{
    /// <summary>A key frame for each of many viewers comes at once.</summary>
    const int BufferBytes = 8 << 20;
    /// <summary>The longest that UDP has: one that did not fit would cost an exception.</summary>
    const int MaxReceived = 65_535;
    /// <summary>After a refusal, which may have been for one path only.</summary>
    static readonly TimeSpan PlainPause = TimeSpan.FromMinutes(1);

    readonly Socket _socket;
    readonly Thread _reader;
    readonly Action<UdpPort, ReadOnlySpan<byte>, RemoteAddress> _received;
    readonly Lock _plainSend = new();
    readonly SocketAddress _to;
    readonly bool _segments;
    volatile bool _ended;
    long _dropped, _plainUntil;

    /// <param name="received">Called by one thread.</param>
    /// <exception cref="SocketException">The port is taken, or there is no such family here.</exception>
    public UdpPort(
        IPEndPoint local, Action<UdpPort, ReadOnlySpan<byte>, RemoteAddress> received, bool segments = true,
        Action<Socket>? configure = null)
    {
        _received = received;
        _segments = segments && SegmentedSend.IsOffered;
        _to = new(local.AddressFamily);
        _socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            SendBufferSize = BufferBytes, ReceiveBufferSize = BufferBytes,
        };
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
                _socket.DualMode = false;
            configure?.Invoke(_socket);
            _socket.Bind(local);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
        Output = new(Send);
        _reader = new(Read) { IsBackground = true, Name = $"udp {local}" };
    }

    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>For what the reading thread answers.</summary>
    public DatagramBatch Output { get; }

    /// <summary>Runs of datagrams go out in one call. Falls for a while where the kernel refuses it.</summary>
    public bool SendsSegments => _segments && Environment.TickCount64 >= Interlocked.Read(ref _plainUntil);

    /// <summary>Datagrams that the kernel did not take.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Start() => _reader.Start();

    /// <summary>Sends all of a batch. Never waits: what there is no room for is lost, as on any way.</summary>
    public void Send(DatagramBatch batch)
    {
        for (var first = 0; first < batch.Count;)
        {
            var count = SendsSegments ? Run(batch, first) : 1;
            var start = batch.Start(first);
            var end = batch.Start(first + count - 1) + batch.Length(first + count - 1);
            var sent = SendRun(batch.Buffer.AsSpan(start, end - start), batch.Length(first), batch.To);
            if (sent == SegmentedSend.Result.Refused)
            {
                Interlocked.Exchange(ref _plainUntil, Environment.TickCount64 + (long)PlainPause.TotalMilliseconds);
                continue; // the same once more, one by one
            }
            if (sent == SegmentedSend.Result.Dropped)
                Interlocked.Add(ref _dropped, count);
            first += count;
        }
    }

    public void Send(ReadOnlySpan<byte> datagram, RemoteAddress to)
    {
        if (SendRun(datagram, datagram.Length, to) == SegmentedSend.Result.Dropped)
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>How many from there on are of one size; one that is shorter ends it.</summary>
    static int Run(DatagramBatch batch, int first)
    {
        var (size, count) = (batch.Length(first), 1);
        while (first + count < batch.Count && count < SegmentedSend.MaxSegments)
        {
            var next = batch.Length(first + count);
            if (next > size)
                break;
            count++;
            if (next < size)
                break;
        }
        return count;
    }

    SegmentedSend.Result SendRun(ReadOnlySpan<byte> data, int size, RemoteAddress to) =>
        SegmentedSend.IsOffered ? SegmentedSend.Send(_socket, data, size, to) : SendPlain(data, to);

    SegmentedSend.Result SendPlain(ReadOnlySpan<byte> datagram, RemoteAddress to)
    {
        lock (_plainSend)
        {
            to.Write(_to.Buffer.Span);
            try
            {
                _socket.SendTo(datagram, SocketFlags.None, _to);
                return SegmentedSend.Result.Sent;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return SegmentedSend.Result.Dropped;
            }
        }
    }

    void Read()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(MaxReceived, pinned: true);
        var from = new SocketAddress(_socket.AddressFamily);
        while (!_ended)
        {
            try
            {
                var length = _socket.ReceiveFrom(buffer.AsSpan(), SocketFlags.None, from);
                if (length is > 0 and <= DatagramBatch.MaxDatagram)
                    _received(this, buffer.AsSpan(0, length), RemoteAddress.From(from));
                Output.Flush();
            }
            catch (SocketException)
            {
                // what a peer that is gone has sent back; the end is told by _ended
            }
            catch (ObjectDisposedException) when (_ended)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        _ended = true;
        _socket.Dispose();
        if (_reader.IsAlive)
            _reader.Join();
    }
}
