using System.Buffers.Binary;

namespace CloudPhone.Adb;

/// <summary>The commands of ADB's wire, each four letters.</summary>
enum AdbCommand : uint
{
    Connect = 0x4e584e43,
    Auth = 0x48545541,
    Tls = 0x534c5453,
    Open = 0x4e45504f,
    Okay = 0x59414b4f,
    Write = 0x45545257,
    Close = 0x45534c43,
}

/// <summary>What stands before every payload: 24 bytes, little-endian.</summary>
readonly record struct AdbHeader(AdbCommand Command, uint Arg0, uint Arg1, int Length, uint Checksum)
{
    public const int Size = 24;

    /// <summary>What is taken at once; every stream may hold two.</summary>
    public const int MaxPayload = 64 << 10;

    /// <summary>From this version on nobody checks sums.</summary>
    public const uint VersionWithoutSums = 0x01000001;

    /// <exception cref="AdbException">It is no header of a packet that may come.</exception>
    public static AdbHeader Read(ReadOnlySpan<byte> bytes)
    {
        var command = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]) != ~command)
            throw AdbException.Protocol("wrong magic");
        if (!Enum.IsDefined((AdbCommand)command))
            throw AdbException.Protocol("unknown command");
        if (length > MaxPayload)
            throw AdbException.Protocol("a packet is too long");
        return new((AdbCommand)command, BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), (int)length,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]));
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)Command);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Arg0);
        BinaryPrimitives.WriteUInt32LittleEndian(target[8..], Arg1);
        BinaryPrimitives.WriteInt32LittleEndian(target[12..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], ~(uint)Command);
    }

    /// <summary>The protocol's documents call it a CRC; it is the sum of the bytes.</summary>
    public static uint Sum(ReadOnlySpan<byte> payload)
    {
        var sum = 0u;
        foreach (var b in payload)
            sum += b;
        return sum;
    }
}
