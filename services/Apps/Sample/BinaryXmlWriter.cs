using System.Text;
using CloudPhone.Apk;

namespace CloudPhone.Apps.Sample;

/// <summary>Writes a manifest of one element in Android's binary XML.</summary>
static class BinaryXmlWriter
{
    const uint None = uint.MaxValue;

    public static byte[] Manifest(string package, uint versionCode, string versionName, string root = "manifest")
    {
        // names that have a resource id come first: the resource map goes by position
        string[] strings =
            ["versionCode", "versionName", "package", root, package, versionName,
                "http://schemas.android.com/apk/res/android"];
        var pool = Pool(strings);
        var map = Chunk(BinaryXml.ResourceMapChunk, 8, w =>
        {
            w.Write(ApkManifest.VersionCodeId);
            w.Write(ApkManifest.VersionNameId);
        });
        var element = Chunk(BinaryXml.StartElementChunk, 16, w =>
        {
            w.Write(1u); // line
            w.Write(None); // comment
            w.Write(None); // namespace of the element
            w.Write(3u);
            WriteShorts(w, 20, 20, 3, 0, 0, 0); // start, size and count of the attributes; no id, class or style
            WriteAttribute(w, 6, 0, BinaryXml.DecimalValue, None, versionCode);
            WriteAttribute(w, 6, 1, BinaryXml.TextValue, 5, 5);
            WriteAttribute(w, None, 2, BinaryXml.TextValue, 4, 4);
        });
        var end = Chunk(0x0103, 16, w =>
        {
            foreach (var word in new[] { 1u, None, None, 3u })
                w.Write(word);
        });
        return Chunk(BinaryXml.XmlChunk, 8, w => w.Write([.. pool, .. map, .. element, .. end]));
    }

    static void WriteAttribute(BinaryWriter w, uint space, uint name, byte type, uint raw, uint data)
    {
        w.Write(space);
        w.Write(name);
        w.Write(raw);
        w.Write((ushort)8);
        w.Write((byte)0);
        w.Write(type);
        w.Write(data);
    }

    internal static byte[] Pool(string[] strings) => Chunk(BinaryXml.StringPoolChunk, 28, w =>
    {
        var texts = strings.Select(Utf16).ToArray();
        foreach (var word in new[] { (uint)strings.Length, 0u, 0u, 28u + (4u * (uint)strings.Length), 0u })
            w.Write(word);
        var at = 0;
        foreach (var text in texts)
        {
            w.Write(at);
            at += text.Length;
        }
        foreach (var text in texts)
            w.Write(text);
    });

    static byte[] Utf16(string s) => [(byte)s.Length, (byte)(s.Length >> 8), .. Encoding.Unicode.GetBytes(s), 0, 0];

    static void WriteShorts(BinaryWriter w, params ReadOnlySpan<ushort> values)
    {
        foreach (var value in values)
            w.Write(value);
    }

    /// <summary>Type, size of the header, size of the whole, which is padded to four bytes.</summary>
    internal static byte[] Chunk(ushort type, ushort headerSize, Action<BinaryWriter> body)
    {
        using var stream = new MemoryStream();
        using var w = new BinaryWriter(stream);
        w.Write(type);
        w.Write(headerSize);
        w.Write(0u);
        body(w);
        while (stream.Length % 4 != 0)
            w.Write((byte)0);
        stream.Position = 4;
        w.Write((uint)stream.Length);
        return stream.ToArray();
    }
}
