using System.Buffers;
using System.Net.Sockets;

namespace CloudPhone.Adb;

/// <summary>Packets on one connection, one at a time in each direction.</summary>
sealed class AdbWire(Stream stream, TimeProvider clock) : IDisposable
{
    /// <summary>Who takes nothing for so long is gone.</summary>
    static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(10);
    readonly SemaphoreSlim _turn = new(1, 1);
    readonly byte[] _head = new byte[AdbHeader.Size];

    /// <summary>The lower one of both sides' versions.</summary>
    public uint Version { get; set; } = AdbHeader.VersionWithoutSums;

    bool HasSums => Version < AdbHeader.VersionWithoutSums;

    /// <returns>Null where the peer has closed. The payload is the caller's, to be given back to the pool.</returns>
    /// <exception cref="AdbException">It is no packet, or ends in the middle.</exception>
    public async ValueTask<(AdbHeader Header, byte[] Payload)?> ReadAsync(CancellationToken ct)
    {
        byte[] payload = [];
        try
        {
            var n = await stream.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, ct);
            if (n == 0)
                return null;
            if (n < _head.Length)
                throw new EndOfStreamException();
            var header = AdbHeader.Read(_head);
            if (header.Length == 0)
                return (header, payload);
            payload = ArrayPool<byte>.Shared.Rent(header.Length);
            await stream.ReadExactlyAsync(payload.AsMemory(0, header.Length), ct);
            if (HasSums && AdbHeader.Sum(payload.AsSpan(0, header.Length)) != header.Checksum)
                throw AdbException.Protocol("wrong checksum");
            return (header, payload);
        }
        catch (Exception e)
        {
            Return(payload);
            if (IsGone(e))
                throw Broken(e);
            throw;
        }
    }

    /// <exception cref="AdbException">It did not go out: the connection is of no use any more.</exception>
    /// <exception cref="OperationCanceledException">Nothing of it went out.</exception>
    public async ValueTask SendAsync(
        AdbCommand command, uint arg0, uint arg1, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        // a peer of unknown version checks the first packet's sum
        var sum = HasSums || command == AdbCommand.Connect ? AdbHeader.Sum(payload.Span) : 0;
        var size = AdbHeader.Size + payload.Length;
        var packet = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            new AdbHeader(command, arg0, arg1, payload.Length, sum).Write(packet);
            payload.CopyTo(packet.AsMemory(AdbHeader.Size));
            await _turn.WaitAsync(ct);
            try
            {
                // not the caller's token: half a packet would be the end of all streams
                using var limit = new CancellationTokenSource(SendLimit, clock);
                await stream.WriteAsync(packet.AsMemory(0, size), limit.Token);
            }
            catch (OperationCanceledException e)
            {
                stream.Dispose();
                throw new AdbException(AdbFault.TimedOut, "The phone takes nothing any more.", e);
            }
            catch (Exception e) when (IsGone(e))
            {
                throw Broken(e);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Return(packet);
        }
    }

    public static void Return(byte[] payload)
    {
        if (payload.Length > 0)
            ArrayPool<byte>.Shared.Return(payload);
    }

    static bool IsGone(Exception e) => e is IOException or SocketException or ObjectDisposedException;

    static AdbException Broken(Exception e) => new(AdbFault.Broken, "The connection to the phone broke.", e);

    public void Dispose() => stream.Dispose();
}
