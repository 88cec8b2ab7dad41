using System.Buffers.Binary;
using System.Numerics;

namespace CloudPhone.PhoneSimulator.Scrcpy.H264;

/// <summary>
/// Writes the bits of NAL units behind each other, as a stream of bytes (H.264 annex B). Three bytes that a reader
/// would take for the start of a unit are kept apart while they are written.
/// </summary>
sealed class NalWriter
{
    const byte Emulation = 3;
    byte[] _buffer = new byte[4096];
    int _length;
    ulong _bits;
    int _waiting;
    int _zeros;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Room for what only the end of the unit tells, as its length.</summary>
    public Span<byte> Reserve(int count)
    {
        Grow(count);
        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }

    public Span<byte> At(int from, int count) => _buffer.AsSpan(from, count);

    /// <param name="importance">nal_ref_idc: 0 where no other picture needs it.</param>
    public void Begin(int importance, int type)
    {
        var start = Reserve(5);
        BinaryPrimitives.WriteInt32BigEndian(start, 1);
        start[4] = (byte)((importance << 5) | type);
        _zeros = 0;
    }

    /// <param name="count">At most 32.</param>
    public void Bits(uint value, int count)
    {
        _bits = (_bits << count) | value;
        for (_waiting += count; _waiting >= 8; _waiting -= 8)
            Put((byte)(_bits >> (_waiting - 8)));
    }

    public void Flag(bool value) => Bits(value ? 1u : 0, 1);

    /// <summary>ue(v): as many zeros as the number plus one has bits after its first.</summary>
    public void Unsigned(uint value)
    {
        var length = BitOperations.Log2(value + 1);
        Bits(0, length);
        Bits(value + 1, length + 1);
    }

    /// <summary>se(v): 0, 1, -1, 2, -2 and so on are numbered.</summary>
    public void Signed(int value) => Unsigned(value > 0 ? (2u * (uint)value) - 1 : 2u * (uint)-value);

    public void Align()
    {
        if (_waiting > 0)
            Bits(0, 8 - _waiting);
    }

    /// <summary>Only where the bits before are whole bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Grow(bytes.Length);
        if (bytes.Length > 0 && !bytes.Contains((byte)0) && (_zeros < 2 || bytes[0] > Emulation))
        {
            bytes.CopyTo(_buffer.AsSpan(_length));
            (_length, _zeros) = (_length + bytes.Length, 0);
            return;
        }
        foreach (var b in bytes)
            Put(b);
    }

    /// <summary>The bit that tells where the data end, and the rest of its byte.</summary>
    public void End()
    {
        Bits(1, 1);
        Align();
    }

    void Put(byte value)
    {
        Grow(2);
        if (_zeros >= 2 && value <= Emulation)
            (_buffer[_length++], _zeros) = (Emulation, 0);
        _buffer[_length++] = value;
        _zeros = value == 0 ? _zeros + 1 : 0;
    }

    void Grow(int count)
    {
        if (_length + count > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
    }
}
