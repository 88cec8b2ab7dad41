using System.Buffers.Binary;
using System.Text;

namespace CloudPhone.Media.Recordings.Mp4;

/// <summary>Writes boxes of ISO/IEC 14496-12, whose lengths are known only at their ends. Numbers are
/// big-endian.</summary>
sealed class BoxWriter
{
    byte[] _bytes = new byte[64 << 10];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <returns>For <see cref="End"/>.</returns>
    public int Begin(string type)
    {
        var start = Length;
        U32(0);
        Text(type);
        return start;
    }

    /// <summary>A box with a version and flags.</summary>
    public int Begin(string type, byte version, uint flags = 0)
    {
        var start = Begin(type);
        U32(((uint)version << 24) | flags);
        return start;
    }

    public void End(int start) => Patch(start, (uint)(Length - start));

    public void Patch(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(at), value);

    public void U8(byte value) => Reserve(1)[0] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);

    public void Zeros(int count) => Reserve(count).Clear();

    public void Text(string ascii) => Encoding.ASCII.GetBytes(ascii, Reserve(ascii.Length));

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    Span<byte> Reserve(int count)
    {
        if (Length + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, Length + count));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
