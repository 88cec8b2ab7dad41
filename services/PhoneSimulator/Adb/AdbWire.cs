using System.Buffers;

namespace CloudPhone.PhoneSimulator.Adb;

/// <summary>Packets on one connection, one at a time in each direction.</summary>
sealed class AdbWire(Stream stream, Faults faults) : IDisposable
{
    /// <summary>A peer that takes nothing for so long is gone, and must not hold what waits for it.</summary>
    static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);
    readonly SemaphoreSlim _sending = new(1, 1);
    readonly byte[] _head = new byte[AdbHeader.Size];

    /// <summary>The lower one of both sides' versions; sums are checked until it is known.</summary>
    public uint Version { get; set; }

    bool HasSums => Version < AdbHeader.VersionWithoutSums;

    /// <returns>Null where the peer has closed. The payload is the caller's, to be given back to the pool.</returns>
    /// <exception cref="AdbException">It is no packet.</exception>
    public async Task<(AdbHeader Header, byte[] Payload)?> ReadAsync(CancellationToken ct)
    {
        var n = await stream.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, ct);
        await faults.PassAsync(ct);
        if (n == 0)
            return null;
        if (n < _head.Length)
            throw new AdbException("ended within a packet");
        var header = AdbHeader.Read(_head);
        if (header.Length == 0)
            return (header, []);
        var payload = ArrayPool<byte>.Shared.Rent(header.Length);
        try
        {
            await stream.ReadExactlyAsync(payload.AsMemory(0, header.Length), ct);
            if (HasSums && AdbHeader.Sum(payload.AsSpan(0, header.Length)) != header.Checksum)
                throw new AdbException("wrong checksum");
            return (header, payload);
        }
        catch
        {
            Return(payload);
            throw;
        }
    }

    public async Task SendAsync(
        AdbCommand command, uint arg0, uint arg1, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        await faults.PassAsync(ct);
        // a peer of unknown version checks the first packet's sum
        var sum = HasSums || command == AdbCommand.Connect ? AdbHeader.Sum(payload.Span) : 0;
        var size = AdbHeader.Size + payload.Length;
        var packet = ArrayPool<byte>.Shared.Rent(size);
        new AdbHeader(command, arg0, arg1, payload.Length, sum).Write(packet);
        payload.CopyTo(packet.AsMemory(AdbHeader.Size));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(SendLimit);
        await _sending.WaitAsync(limit.Token);
        try
        {
            await stream.WriteAsync(packet.AsMemory(0, size), limit.Token);
        }
        finally
        {
            _sending.Release();
            ArrayPool<byte>.Shared.Return(packet);
        }
    }

    public static void Return(byte[] payload)
    {
        if (payload.Length > 0)
            ArrayPool<byte>.Shared.Return(payload);
    }

    public void Dispose() => stream.Dispose();
}
