using System.Buffers.Binary;

namespace CloudPhone.Apk;

/// <summary>Little-endian numbers at offsets that nobody has vouched for.</summary>
readonly ref struct Bytes(ReadOnlySpan<byte> span)
{
    readonly ReadOnlySpan<byte> _span = span;

    public byte U8(long at) => Slice(at, 1)[0];

    public ushort U16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, 2));

    public uint U32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, 4));

    /// <exception cref="ApkException">It reaches beyond the end.</exception>
    public ReadOnlySpan<byte> Slice(long at, long length) =>
        at >= 0 && length >= 0 && at <= _span.Length && length <= _span.Length - at
            ? _span.Slice((int)at, (int)length)
            : throw new ApkException("The manifest of this APK is damaged: it points beyond its own end.");
}
