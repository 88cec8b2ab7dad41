using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

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

    /// <summary>Bytes a second to the viewer; what more comes than a tenth of that waits for is lost. 0: no limit.
    /// </summary>
    public int Rate { get; set; }

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
        long _freeAt = Environment.TickCount64;

        public Way(LossyRelay relay, EndPoint viewer)
        {
            (_relay, _viewer, _up, _down) = (relay, viewer, new(relay._seed), new(relay._seed + 1));
            Server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _reading = ReadAsync();
        }

        public Socket Server { get; } = NewSocket();

        public bool Passes() => Count(_up.NextDouble() >= _relay.Loss);

        async Task ReadAsync()
        {
            var buffer = new byte[MaxDatagram];
            while (await ReceiveAsync(Server, buffer) is { } got)
                if (Count(_down.NextDouble() >= _relay.Loss && HasRoom(got.Length)))
                {
                    try
                    {
                        await _relay._front.SendToAsync(buffer.AsMemory(0, got.Length), _viewer);
                    }
                    catch (Exception e) when (e is SocketException or ObjectDisposedException)
                    {
                        return;
                    }
                }
        }

        /// <summary>As a router that keeps little: it says at once what will not get through.</summary>
        bool HasRoom(int bytes)
        {
            if (_relay.Rate == 0)
                return true;
            var now = Environment.TickCount64;
            if (_freeAt > now + 100)
                return false;
            _freeAt = Math.Max(_freeAt, now) + (1000L * bytes / _relay.Rate);
            return true;
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
        }
    }
}
