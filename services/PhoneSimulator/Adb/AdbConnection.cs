using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace CloudPhone.PhoneSimulator.Adb;

/// <summary>What a stream is connected with; the stream closes when it has ended.</summary>
delegate Task AdbService(Stream stream, CancellationToken closed);

/// <summary>One peer: first both introduce themselves, then it opens streams, as many as are allowed at once.</summary>
sealed class AdbConnection(AdbWire wire, AdbServices services)
{
    const int MaxStreams = 32;
    const int MinPeerPayload = 256;
    static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    readonly ConcurrentDictionary<uint, AdbStream> _streams = [];
    readonly ConcurrentDictionary<uint, Task> _running = [];
    uint _lastId;
    int _peerMax;

    /// <returns>Why the peer was dropped; null where it went of itself.</returns>
    public async Task<string?> RunAsync(CancellationToken end)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(end);
        try
        {
            await ConnectAsync(ended.Token);
            while (await wire.ReadAsync(ended.Token) is var (header, payload))
                await HandleAsync(header, payload, ended.Token);
            return null;
        }
        catch (AdbException e)
        {
            return e.Message;
        }
        catch (Exception e) when (IsGone(e))
        {
            return null;
        }
        finally
        {
            foreach (var s in _streams.Values)
                s.PeerClosed();
            await ended.CancelAsync();
            wire.Dispose();
            await Task.WhenAll(_running.Values);
        }
    }

    public static bool IsGone(Exception e) =>
        e is IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    async Task ConnectAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ConnectLimit);
        if (await wire.ReadAsync(limit.Token) is not var (header, payload))
            throw new EndOfStreamException();
        AdbWire.Return(payload);
        if (header.Command != AdbCommand.Connect || header.Arg1 < MinPeerPayload)
            throw new AdbException("did not introduce itself");
        wire.Version = Math.Min(header.Arg0, AdbHeader.VersionWithoutSums);
        _peerMax = (int)Math.Min(header.Arg1, AdbHeader.MaxPayload);
        await wire.SendAsync(AdbCommand.Connect, AdbHeader.VersionWithoutSums, AdbHeader.MaxPayload,
            Encoding.UTF8.GetBytes(services.Banner), ct);
    }

    async Task HandleAsync(AdbHeader header, byte[] payload, CancellationToken ct)
    {
        var stream = header.Command is AdbCommand.Okay or AdbCommand.Write or AdbCommand.Close
            && _streams.TryGetValue(header.Arg1, out var s) && IsFrom(s, header) ? s : null;
        if (header.Command == AdbCommand.Write && stream is not null)
        {
            stream.Received(payload, header.Length);
            return;
        }
        // what is for a stream that has just closed is nobody's
        var text = header.Command == AdbCommand.Open ? ServiceName(payload.AsSpan(0, header.Length)) : "";
        AdbWire.Return(payload);
        switch (header.Command)
        {
            case AdbCommand.Open:
                await OpenAsync(header, text, ct);
                break;
            case AdbCommand.Okay:
                stream?.Acknowledged();
                break;
            case AdbCommand.Close when stream is not null:
                _streams.TryRemove(header.Arg1, out _);
                stream.PeerClosed();
                break;
            case AdbCommand.Connect:
                throw new AdbException("introduced itself twice");
            default:
                break;
        }
    }

    /// <summary>A peer that closes what it opened without having heard of it may not know its own id of it
    /// yet.</summary>
    static bool IsFrom(AdbStream stream, AdbHeader header) =>
        stream.PeerId == header.Arg0 || (header.Command == AdbCommand.Close && header.Arg0 == 0);

    static string ServiceName(ReadOnlySpan<byte> payload)
    {
        var end = payload.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? payload : payload[..end]);
    }

    async Task OpenAsync(AdbHeader header, string name, CancellationToken ct)
    {
        if (header.Arg0 == 0)
            throw new AdbException("opened a stream without an id");
        // a window of more than one packet is only for those who agreed on it
        var service = header.Arg1 == 0 && _running.Count < MaxStreams ? services.Find(name) : null;
        if (service is null)
        {
            await wire.SendAsync(AdbCommand.Close, 0, header.Arg0, default, ct);
            return;
        }
        var id = ++_lastId;
        if (id == 0)
            throw new AdbException("opened more streams than there are ids");
        var stream = new AdbStream(wire, id, header.Arg0, _peerMax, ct);
        _streams[id] = stream;
        await wire.SendAsync(AdbCommand.Okay, id, header.Arg0, default, ct);
        _running[id] = ServeAsync(id, stream, service, ct);
        if (!_streams.ContainsKey(id))
            _running.TryRemove(id, out _);
    }

    async Task ServeAsync(uint id, AdbStream stream, AdbService service, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            await service(stream, stream.Closed);
        }
        catch (Exception e) when (IsGone(e) || e is InvalidDataException)
        {
            // the peer has closed the stream, or speaks something else on it
        }
        catch (Exception e)
        {
            services.Failed(e);
        }
        try
        {
            if (_streams.TryRemove(id, out _))
                await wire.SendAsync(AdbCommand.Close, id, stream.PeerId, default, ct);
        }
        catch (Exception e) when (IsGone(e))
        {
            // the connection goes with its last stream
        }
        finally
        {
            await stream.DisposeAsync();
            _running.TryRemove(id, out _);
        }
    }
}
