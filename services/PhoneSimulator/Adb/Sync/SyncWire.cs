using System.Buffers.Binary;
using System.Text;

namespace CloudPhone.PhoneSimulator.Adb.Sync;

/// <summary>The numbers and texts that sync is made of: ids of four letters, little-endian lengths.</summary>
sealed class SyncWire(Stream stream)
{
    public const int MaxPath = 1024;
    public const int MaxChunk = 64 << 10;
    static readonly UTF8Encoding Utf8 = new(false);
    readonly byte[] _head = new byte[8];

    /// <returns>Null where the peer has closed.</returns>
    public async Task<(string Id, uint Length)?> ReadAsync(CancellationToken ct)
    {
        if (await stream.ReadAtLeastAsync(_head, 8, throwOnEndOfStream: false, ct) < 8)
            return null;
        return (Encoding.Latin1.GetString(_head, 0, 4), BinaryPrimitives.ReadUInt32LittleEndian(_head.AsSpan(4)));
    }

    /// <exception cref="InvalidDataException">It is longer than any path.</exception>
    public async Task<string> ReadPathAsync(uint length, CancellationToken ct)
    {
        if (length > MaxPath)
            throw new InvalidDataException();
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, ct);
        return Utf8.GetString(bytes);
    }

    public ValueTask ReadBytesAsync(Memory<byte> target, CancellationToken ct) =>
        stream.ReadExactlyAsync(target, ct);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => stream.WriteAsync(bytes, ct);

    public ValueTask FailAsync(string message, CancellationToken ct) => SendAsync(Text("FAIL", message), ct);

    public ValueTask SendAsync(string id, uint number, CancellationToken ct) => SendAsync(Words(id, number), ct);

    public static byte[] Text(string id, string text)
    {
        var bytes = Utf8.GetBytes(text);
        return [.. Words(id, (uint)bytes.Length), .. bytes];
    }

    public static byte[] Words(string id, params ReadOnlySpan<uint> words)
    {
        var bytes = new byte[4 + (4 * words.Length)];
        Encoding.Latin1.GetBytes(id, bytes);
        for (var i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + (4 * i)), words[i]);
        return bytes;
    }
}
