using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace CloudPhone.Media.WebRtc.Srtp;

/// <summary>AES in counter mode (RFC 3711, 4.1.1), which .NET has not: many counters go through ECB in one
/// call.</summary>
sealed class CounterStream : IDisposable
{
    const int Block = 16, MaxBlocks = (DatagramBatch.MaxDatagram + Block - 1) / Block;

    readonly Aes _aes = Aes.Create();
    readonly ICryptoTransform _ecb;
    readonly byte[] _salt;
    readonly byte[] _counters = new byte[MaxBlocks * Block];
    readonly byte[] _stream = new byte[MaxBlocks * Block];

    /// <param name="key">A session key.</param>
    /// <param name="salt">14 bytes.</param>
    public CounterStream(byte[] key, byte[] salt)
    {
        _aes.Mode = CipherMode.ECB;
        _aes.Padding = PaddingMode.None;
        _aes.Key = key;
        _ecb = _aes.CreateEncryptor();
        _salt = salt;
    }

    /// <summary>Encrypts or decrypts; both are the same. Source and target may be the same bytes.</summary>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target, uint ssrc, long index)
    {
        var length = (source.Length + Block - 1) / Block * Block;
        if (length == 0)
            return;
        Span<byte> start = stackalloc byte[Block];
        start.Clear();
        _salt.CopyTo(start);
        BinaryPrimitives.WriteUInt32BigEndian(start[4..], BinaryPrimitives.ReadUInt32BigEndian(start[4..]) ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(start[8..],
            BinaryPrimitives.ReadUInt64BigEndian(start[8..]) ^ ((ulong)index << 16));
        for (var at = 0; at < length; at += Block)
        {
            start.CopyTo(_counters.AsSpan(at));
            BinaryPrimitives.WriteUInt16BigEndian(_counters.AsSpan(at + 14), (ushort)(at / Block));
        }
        _ecb.TransformBlock(_counters, 0, length, _stream, 0);
        Xor(source, _stream, target);
    }

    static void Xor(ReadOnlySpan<byte> source, ReadOnlySpan<byte> stream, Span<byte> target)
    {
        var at = 0;
        for (; at + Vector<byte>.Count <= source.Length; at += Vector<byte>.Count)
            (new Vector<byte>(source[at..]) ^ new Vector<byte>(stream[at..])).CopyTo(target[at..]);
        for (; at < source.Length; at++)
            target[at] = (byte)(source[at] ^ stream[at]);
    }

    public void Dispose()
    {
        _ecb.Dispose();
        _aes.Dispose();
    }
}
