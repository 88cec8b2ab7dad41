namespace CloudPhone.PhoneSimulator.Tests.Scrcpy;

/// <summary>Bits of a NAL unit, as the specification reads them.</summary>
sealed class BitReader(byte[] bytes)
{
    public int At { get; private set; }

    public bool IsAligned => At % 8 == 0;

    public int Bit()
    {
        var bit = bytes[At / 8] >> (7 - (At % 8)) & 1;
        At++;
        return bit;
    }

    public uint Bits(int count)
    {
        var value = 0u;
        for (var i = 0; i < count; i++)
            value = (value << 1) | (uint)Bit();
        return value;
    }

    public uint Unsigned()
    {
        var zeros = 0;
        while (Bit() == 0)
            zeros++;
        return (1u << zeros) - 1 + Bits(zeros);
    }

    public int Signed()
    {
        var code = (int)Unsigned();
        return code % 2 == 1 ? (code + 1) / 2 : -(code / 2);
    }

    public bool Flag() => Bit() == 1;

    public byte[] Bytes(int count)
    {
        Assert.True(IsAligned);
        At += count * 8;
        return bytes[((At / 8) - count)..(At / 8)];
    }

    /// <summary>Whether data come before the bit that ends them.</summary>
    public bool HasMore()
    {
        var last = (bytes.Length * 8) - 1;
        while ((bytes[last / 8] >> (7 - (last % 8)) & 1) == 0)
            last--;
        return At < last;
    }
}
