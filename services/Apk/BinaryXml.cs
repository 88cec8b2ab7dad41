namespace CloudPhone.Apk;

/// <param name="ResourceId">Android's number for the attribute's name; 0 where it has none.</param>
/// <param name="Text">Its value where that is text.</param>
/// <param name="Number">Its value where that is a number.</param>
readonly record struct BinaryAttribute(string? Name, uint ResourceId, string? Text, uint? Number);

/// <summary>The first element of a binary XML file, the form in which APKs hold their manifest.</summary>
sealed record BinaryElement(string? Name, IReadOnlyList<BinaryAttribute> Attributes);

/// <summary>
/// Reads as much of Android's binary XML as a manifest's root needs: chunks with type, header size and size, of which
/// the string pool,
/// the resource map and the first start of an element count. Whatever the bytes are, it takes linear time and
/// ends with an element or an <see cref="ApkException"/>.
/// </summary>
static class BinaryXml
{
    internal const ushort XmlChunk = 0x0003;
    internal const ushort StringPoolChunk = 0x0001;
    internal const ushort ResourceMapChunk = 0x0180;
    internal const ushort StartElementChunk = 0x0102;
    internal const byte TextValue = 0x03;
    internal const byte DecimalValue = 0x10;
    const byte HexValue = 0x11;
    const int ChunkHeader = 8;
    const int AttributeSize = 20;
    const int MaxAttributes = 256;

    public static BinaryElement ReadRoot(ReadOnlySpan<byte> file)
    {
        var xml = new Bytes(file);
        if (xml.U16(0) != XmlChunk)
            throw new ApkException("AndroidManifest.xml is not in Android's binary form.");
        long end = Math.Min(xml.U32(4), file.Length);
        var pool = default(StringPool);
        var map = ReadOnlySpan<byte>.Empty;
        for (long at = xml.U16(2); at + ChunkHeader <= end;)
        {
            var size = xml.U32(at + 4);
            var header = xml.U16(at + 2);
            if (header < ChunkHeader || size < header || at + size > end)
                break;
            var chunk = xml.Slice(at, size);
            switch (xml.U16(at))
            {
                case StringPoolChunk:
                    pool = new(chunk);
                    break;
                case ResourceMapChunk:
                    map = chunk[header..];
                    break;
                case StartElementChunk:
                    return Element(new(chunk), header, pool, new(map), map.Length / 4);
                default:
                    break;
            }
            at += size;
        }
        throw new ApkException("The manifest of this APK is damaged: it has no element.");
    }

    static BinaryElement Element(Bytes chunk, int header, StringPool pool, Bytes map, int mapped)
    {
        int first = chunk.U16(header + 8), size = chunk.U16(header + 10), count = chunk.U16(header + 12);
        if (count > MaxAttributes || (count > 0 && size < AttributeSize))
            throw new ApkException("The manifest of this APK is damaged: its attributes have no sensible size.");
        var attributes = new BinaryAttribute[count];
        for (var i = 0; i < count; i++)
        {
            var at = header + first + ((long)i * size);
            var name = chunk.U32(at + 4);
            var data = chunk.U32(at + 16);
            var type = chunk.U8(at + 15);
            attributes[i] = new(pool[name], name < mapped ? map.U32(4L * name) : 0,
                type == TextValue ? pool[data] : null, type is DecimalValue or HexValue ? data : null);
        }
        return new(pool[chunk.U32(header + 4)], attributes);
    }
}
