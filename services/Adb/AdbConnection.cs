using System.Collections.Concurrent;
using System.Net.Sockets;

namespace CloudPhone.Adb;

/// <summary>One connection to a phone's adbd, shared by all streams that are open to it. When it breaks all of them
/// fail; whoever needs the phone then makes another one.</summary>
sealed class AdbConnection : IDisposable
{
    /// <summary>Fewer than an adbd takes.</summary>
    const int MaxStreams = 24;
    const int MinPeerPayload = 256;
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);
    static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(10);
    readonly ConcurrentDictionary<uint, AdbStream> _streams = [];
    readonly SemaphoreSlim _slots = new(MaxStreams, MaxStreams);
    readonly CancellationTokenSource _end = new();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _gate = new();
    readonly AdbWire _wire;
    readonly TimeProvider _clock;
    HashSet<string> _features = [];
    volatile AdbException? _failure;
    uint _lastId;
    long _lastUse;

    AdbConnection(Stream stream, TimeProvider clock)
    {
        (_wire, _clock) = (new(stream, clock), clock);
        Used();
    }

    /// <summary>The most that the phone takes at once.</summary>
    public int PeerMax { get; private set; }

    public bool IsUp => _failure is null;

    /// <summary>How many streams go over it.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>Completes when it is of no use any more.</summary>
    public Task Ended => _ended.Task;

    public bool Can(string feature) => _features.Contains(feature);

    /// <exception cref="AdbException">There is no phone that could be used.</exception>
    public static async Task<AdbConnection> ConnectAsync(
        string host, int port, TimeProvider clock, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(ConnectLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        AdbConnection? connection = null;
        try
        {
            await socket.ConnectAsync(host, port, either.Token);
            connection = new(new NetworkStream(socket, ownsSocket: true), clock);
            await connection.IntroduceAsync(either.Token);
            _ = connection.PumpAsync();
            return connection;
        }
        catch (Exception e)
        {
            connection?.Dispose();
            socket.Dispose();
            throw e switch
            {
                SocketException => new AdbException(AdbFault.Unreachable, "The phone's adbd can't be reached.", e),
                OperationCanceledException when !ct.IsCancellationRequested => new AdbException(
                    AdbFault.TimedOut, "The phone's adbd does not answer.", e),
                _ => e,
            };
        }
    }

    async Task IntroduceAsync(CancellationToken ct)
    {
        await _wire.SendAsync(
            AdbCommand.Connect, AdbHeader.VersionWithoutSums, AdbHeader.MaxPayload, AdbBanner.Own, ct);
        if (await _wire.ReadAsync(ct) is not var (header, payload))
            throw new AdbException(AdbFault.Broken, "The phone's adbd hung up.");
        try
        {
            switch (header.Command)
            {
                case AdbCommand.Connect when header.Arg1 >= MinPeerPayload:
                    _wire.Version = Math.Min(header.Arg0, AdbHeader.VersionWithoutSums);
                    PeerMax = (int)Math.Min(header.Arg1, AdbHeader.MaxPayload);
                    _features = AdbBanner.Features(payload.AsSpan(0, header.Length));
                    break;
                case AdbCommand.Auth or AdbCommand.Tls:
                    throw new AdbException(AdbFault.Locked,
                        "The phone's image wants ADB keys or TLS: use one with ro.adb.secure=0 and without them.");
                default:
                    throw AdbException.Protocol("no introduction");
            }
        }
        finally
        {
            AdbWire.Return(payload);
        }
    }

    /// <returns>Null: it had broken before, and nothing has gone out.</returns>
    /// <exception cref="AdbException">The phone does not have it, or the connection broke.</exception>
    public async Task<AdbStream?> OpenAsync(string service, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(OpenLimit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        AdbStream? stream = null;
        try
        {
            await _slots.WaitAsync(either.Token);
            if ((stream = Add()) is null)
                return null;
            await SendOpenAsync(stream, service, either.Token);
            await stream.Opened.WaitAsync(either.Token);
            return stream;
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            if (stream is null)
                throw new AdbException(AdbFault.TimedOut, "Too much goes on with the phone at once.", e);
            var silent = new AdbException(AdbFault.TimedOut, "The phone's adbd does not answer any more.", e);
            Fail(silent);
            throw silent;
        }
        catch (Exception e)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            if (e is AdbException failure)
                throw failure.Again();
            throw;
        }
    }

    AdbStream? Add()
    {
        lock (_gate)
        {
            if (!IsUp)
                return null;
            var stream = new AdbStream(this, ++_lastId, _clock);
            _streams[stream.Id] = stream;
            return stream;
        }
    }

    async Task SendOpenAsync(AdbStream stream, string service, CancellationToken ct)
    {
        try
        {
            await SendAsync(AdbCommand.Open, stream, ServiceName(service), ct);
        }
        catch (OperationCanceledException)
        {
            EndStream(stream.Id, null); // the phone never heard of it
            throw;
        }
    }

    static byte[] ServiceName(string service) => [.. System.Text.Encoding.UTF8.GetBytes(service), 0];

    public async ValueTask SendAsync(
        AdbCommand command, AdbStream stream, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        try
        {
            await _wire.SendAsync(command, stream.Id, stream.PeerId, payload, ct);
        }
        catch (AdbException e)
        {
            Fail(e);
            throw;
        }
    }

    /// <summary>Of one that the phone has not answered yet the id is kept, to be closed when it does.</summary>
    public async Task CloseAsync(AdbStream stream)
    {
        if (stream.PeerId == 0 || !_streams.TryRemove(stream.Id, out _))
            return;
        Left();
        if (!IsUp)
            return;
        try
        {
            await SendAsync(AdbCommand.Close, stream, default, CancellationToken.None);
        }
        catch (AdbException)
        {
            // it went with the connection
        }
    }

    void Left()
    {
        Used();
        _slots.Release();
    }

    void Used() => Volatile.Write(ref _lastUse, _clock.GetTimestamp());

    /// <summary>Never waits for a stream or for the peer to read: one must not stop the others.</summary>
    async Task PumpAsync()
    {
        AdbException reason;
        try
        {
            while (await _wire.ReadAsync(_end.Token) is var (header, payload))
                Handle(header, payload);
            reason = new(AdbFault.Broken, "The phone's adbd hung up.");
        }
        catch (AdbException e)
        {
            reason = e;
        }
        catch (OperationCanceledException e)
        {
            reason = new(AdbFault.Broken, "The connection to the phone was closed.", e);
        }
        Fail(reason);
    }

    void Handle(AdbHeader header, byte[] payload)
    {
        // what is for a stream that was closed here a moment ago is nobody's
        var stream = _streams.GetValueOrDefault(header.Arg1);
        if (header.Command == AdbCommand.Write && stream?.PeerId == header.Arg0)
        {
            stream.Received(payload, header.Length);
            return;
        }
        AdbWire.Return(payload);
        switch (header.Command)
        {
            case AdbCommand.Okay:
                stream?.Acknowledged(header.Arg0);
                break;
            case AdbCommand.Close when stream is not null && (header.Arg0 == 0 || stream.PeerId == header.Arg0):
                EndStream(stream.Id, null);
                break;
            case AdbCommand.Write or AdbCommand.Close:
                break;
            default:
                throw AdbException.Protocol($"{header.Command} within a connection");
        }
    }

    void EndStream(uint id, AdbException? failure)
    {
        if (!_streams.TryRemove(id, out var stream))
            return;
        Left();
        stream.Ended(failure);
    }

    /// <summary>Where no stream is open and none was for so long.</summary>
    public void CloseIfIdle(TimeSpan idle)
    {
        lock (_gate)
        {
            if (_streams.IsEmpty && _clock.GetElapsedTime(Volatile.Read(ref _lastUse)) >= idle)
                Dispose();
        }
    }

    void Fail(AdbException reason)
    {
        lock (_gate)
        {
            if (!IsUp)
                return;
            _failure = reason;
        }
        _end.Cancel();
        _wire.Dispose();
        foreach (var id in _streams.Keys)
            EndStream(id, reason);
        _ended.TrySetResult();
    }

    public void Dispose() => Fail(new(AdbFault.Broken, "The connection to the phone was closed."));
}
