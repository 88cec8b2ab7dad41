using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace CloudPhone.Testing.Network;

/// <summary>
/// A bad way to a UDP port of this machine: whoever sends to <see cref="Port"/> is led there, and datagrams get lost in
/// both directions, always in the same manner.
/// </summary>
public sealed class LossyRelay : IAsyncDisposable
{
    const int MaxDatagram = 2048, BufferBytes = 4 << 20;

    readonly Socket _front = NewSocket();
    readonly IPEndPoint _server;
    readonly int _seed;
    readonly ConcurrentDictionary<EndPoint, Way> _ways = new();
    readonly Task _reading;
    long _passed, _lost;

    /// <param name="server">Where it leads to.</param>
    /// <param name="loss">The share of datagrams that never come, 0 to 1.</param>
    /// <param name="seed">Two with the same lose the same places of a direction.</param>
    public LossyRelay(int server, double loss, int seed = 1)
    {
        (_server, _seed, Loss) = (new(IPAddress.Loopback, server), seed, loss);
        _front.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _reading = ReadAsync();
    }

    /// <summary>Where it is reached.</summary>
    public int Port => ((IPEndPoint)_front.LocalEndPoint!).Port;

    /// <summary>From now on.</summary>
    public double Loss { get; set; }

    /// <summary>Bytes a second to the viewer, in which a second of them may wait, and no more. 0: no limit.</summary>
    public int Rate { get; init; }

    public long Passed => Interlocked.Read(ref _passed);

    public long Lost => Interlocked.Read(ref _lost);

    async Task ReadAsync()
    {
        var buffer = new byte[MaxDatagram];
        while (await ReceiveAsync(_front, buffer) is { } got)
        {
            if (!_ways.TryGetValue(got.From, out var way))
                _ways[got.From] = way = new(this, got.From);
            if (way.Passes())
                await way.Server.SendToAsync(buffer.AsMemory(0, got.Length), _server);
        }
    }

    /// <returns>Null: the socket is closed.</returns>
    static async Task<(EndPoint From, int Length)?> ReceiveAsync(Socket socket, byte[] buffer)
    {
        while (true)
        {
            try
            {
                var got = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                return (got.RemoteEndPoint, got.ReceivedBytes);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // somebody there has gone
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
    {
        ReceiveBufferSize = BufferBytes, SendBufferSize = BufferBytes,
    };

    public async ValueTask DisposeAsync()
    {
        _front.Dispose();
        await _reading;
        foreach (var (_, way) in _ways)
            await way.DisposeAsync();
    }

    /// <summary>One viewer's: the server knows it by a port of its own.</summary>
    sealed class Way : IAsyncDisposable
    {
        readonly LossyRelay _relay;
        readonly EndPoint _viewer;
        readonly Random _up, _down;
        readonly Task _reading;
        readonly Channel<byte[]> _waiting = Channel.CreateUnbounded<byte[]>();
        readonly Task _sending;
        int _bytes;

        public Way(LossyRelay relay, EndPoint viewer)
        {
            (_relay, _viewer, _up, _down) = (relay, viewer, new(relay._seed), new(relay._seed + 1));
            Server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            (_reading, _sending) = (ReadAsync(), SendAsync());
        }

        public Socket Server { get; } = NewSocket();

        public bool Passes() => Count(_up.NextDouble() >= _relay.Loss);

        async Task ReadAsync()
        {
            var buffer = new byte[MaxDatagram];
            while (await ReceiveAsync(Server, buffer) is { } got)
                if (Count(_down.NextDouble() >= _relay.Loss
                    && (_relay.Rate == 0 || Volatile.Read(ref _bytes) + got.Length <= _relay.Rate)))
                {
                    Interlocked.Add(ref _bytes, got.Length);
                    _waiting.Writer.TryWrite(buffer.AsSpan(0, got.Length).ToArray());
                }
            _waiting.Writer.Complete();
        }

        /// <summary>One after the other, as slowly as the line is.</summary>
        async Task SendAsync()
        {
            var (clock, sent) = (Stopwatch.StartNew(), TimeSpan.Zero);
            await foreach (var datagram in _waiting.Reader.ReadAllAsync())
            {
                if (_relay.Rate > 0)
                {
                    sent = (sent > clock.Elapsed ? sent : clock.Elapsed)
                        + TimeSpan.FromSeconds((double)datagram.Length / _relay.Rate);
                    if (sent - clock.Elapsed is { TotalMilliseconds: > 1 } wait)
                        await Task.Delay(wait);
                }
                Interlocked.Add(ref _bytes, -datagram.Length);
                try
                {
                    await _relay._front.SendToAsync(datagram, _viewer);
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    // the relay ends: what waits is lost
                }
            }
        }

        bool Count(bool passes)
        {
            Interlocked.Increment(ref passes ? ref _relay._passed : ref _relay._lost);
            return passes;
        }

        public async ValueTask DisposeAsync()
        {
            Server.Dispose();
            await _reading;
            await _sending;
        }
    }
}
