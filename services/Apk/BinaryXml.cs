namespace CloudPhone.Apk;

/// <param name="ResourceId">Android's number for the attribute's name; 0 where it has none.</param>
/// <param name="Text">Its value where that is text.</param>
/// <param name="Number">Its value where that is a number.</param>
readonly record struct BinaryAttribute(string? Name, uint ResourceId, string? Text, uint? Number);

/// <summary>An element of a binary XML file, the form in which APKs hold their manifest.</summary>
sealed record BinaryElement(string? Name, IReadOnlyList<BinaryAttribute> Attributes);

/// <summary>
/// Reads as much of Android's binary XML as a manifest needs: chunks with type, header size and size, of which the
/// string pool, the resource map and the starts and ends of elements count. Whatever the bytes are, it takes linear
/// time and ends with elements or an <see cref="ApkException"/>.
/// </summary>
static class BinaryXml
{
    internal const ushort XmlChunk = 0x0003;
    internal const ushort StringPoolChunk = 0x0001;
    internal const ushort ResourceMapChunk = 0x0180;
    internal const ushort StartElementChunk = 0x0102;
    internal const ushort EndElementChunk = 0x0103;
    internal const byte TextValue = 0x03;
    internal const byte DecimalValue = 0x10;
    const byte HexValue = 0x11;
    const int ChunkHeader = 8;
    const int AttributeSize = 20;
    const int MaxAttributes = 256;
    const int MaxElements = 50_000;
    /// <summary>Of what is wanted of one file: a string may be named by any number of attributes.</summary>
    const int MaxTexts = 1 << 20;

    public static BinaryElement ReadRoot(ReadOnlySpan<byte> file) =>
        Read(file, depth: 0, names: null) is [var root, ..] ? root
            : throw new ApkException("The manifest of this APK is damaged: it has no element.");

    /// <param name="file">The whole file.</param>
    /// <param name="names">Those that are wanted.</param>
    public static IReadOnlyList<BinaryElement> ReadBelowRoot(ReadOnlySpan<byte> file, IReadOnlyList<string> names) =>
        Read(file, depth: 1, names);

    /// <param name="file">The whole file.</param>
    /// <param name="depth">Of the elements that are wanted; the root's is 0.</param>
    /// <param name="names">Null: the first one, whatever its name.</param>
    static List<BinaryElement> Read(ReadOnlySpan<byte> file, int depth, IReadOnlyList<string>? names)
    {
        var xml = new Bytes(file);
        if (xml.U16(0) != XmlChunk)
            throw new ApkException("AndroidManifest.xml is not in Android's binary form.");
        long end = Math.Min(xml.U32(4), file.Length);
        var pool = default(StringPool);
        var map = ReadOnlySpan<byte>.Empty;
        var found = new List<BinaryElement>();
        int level = 0, seen = 0, room = MaxTexts;
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
                    if (++seen > MaxElements)
                        throw new ApkException($"The manifest of this APK has more than {MaxElements} elements.");
                    if (level++ == depth && (names is null || names.Contains(pool[new Bytes(chunk).U32(header + 4)])))
                        found.Add(Element(new(chunk), header, pool, new(map), map.Length / 4, ref room));
                    if (names is null)
                        return found;
                    break;
                case EndElementChunk:
                    level--;
                    break;
                default:
                    break;
            }
            at += size;
        }
        return found;
    }

    /// <param name="room">Characters that may still be taken.</param>
    static BinaryElement Element(
        Bytes chunk, int header, StringPool pool, Bytes map, int mapped, ref int room)
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
            room -= (attributes[i].Name?.Length ?? 0) + (attributes[i].Text?.Length ?? 0);
            if (room < 0)
                throw new ApkException("The manifest of this APK has more text than any app needs.");
        }
        return new(pool[chunk.U32(header + 4)], attributes);
    }
}
