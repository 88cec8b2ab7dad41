using System.Buffers.Binary;
using System.IO.Compression;

namespace CloudPhone.PhoneSimulator.Screen;

/// <summary>Writes a frame as a PNG with a palette.</summary>
static class Png
{
    const int ChunkFrame = 12;
    static readonly uint[] Table = MakeTable();

    public static byte[] Write(Frame frame)
    {
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, frame.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), frame.Height);
        (header[8], header[9]) = (8, 3); // eight bits that are numbers of the palette
        png.Write(Chunk("IHDR"u8, header));
        png.Write(Chunk("PLTE"u8, Frame.Palette));
        png.Write(Chunk("IDAT"u8, Data(frame)));
        png.Write(Chunk("IEND"u8, []));
        return png.ToArray();
    }

    static byte[] Data(Frame frame)
    {
        using var data = new MemoryStream();
        using (var zip = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < frame.Height; y++)
            {
                zip.WriteByte(0); // the row as it is
                zip.Write(frame.Pixels.AsSpan(y * frame.Width, frame.Width));
            }
        }
        return data.ToArray();
    }

    static byte[] Chunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var chunk = new byte[ChunkFrame + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        type.CopyTo(chunk.AsSpan(4));
        data.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), Crc(chunk.AsSpan(4, 4 + data.Length)));
        return chunk;
    }

    static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? 0xedb88320 ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
        return table;
    }
}
