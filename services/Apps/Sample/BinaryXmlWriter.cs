using System.Text;
using CloudPhone.Apk;

namespace CloudPhone.Apps.Sample;

/// <summary>Writes a manifest in Android's binary XML.</summary>
static class BinaryXmlWriter
{
    const uint None = uint.MaxValue;

    public static byte[] Manifest(
        string package, uint versionCode, string versionName, string root = "manifest", uint minSdk = 0,
        uint targetSdk = 0, params IReadOnlyList<string> permissions)
    {
        // names that have a resource id come first: the resource map goes by position
        string[] strings =
            ["versionCode", "versionName", "name", "minSdkVersion", "targetSdkVersion", "package", root, package,
                versionName, "http://schemas.android.com/apk/res/android", "uses-sdk", "uses-permission", .. permissions];
        uint Of(string text) => (uint)Array.IndexOf(strings, text);
        var space = Of("http://schemas.android.com/apk/res/android");
        var map = Chunk(BinaryXml.ResourceMapChunk, 8, w =>
        {
            foreach (var id in new[] { ApkManifest.VersionCodeId, ApkManifest.VersionNameId, ManifestFacts.NameId,
                ManifestFacts.MinSdkId, ManifestFacts.TargetSdkId })
                w.Write(id);
        });
        var below = new List<byte>();
        if (minSdk > 0)
            below.AddRange([.. Start(Of("uses-sdk"), 2, w =>
            {
                WriteAttribute(w, space, 3, BinaryXml.DecimalValue, None, minSdk);
                WriteAttribute(w, space, 4, BinaryXml.DecimalValue, None, targetSdk);
            }), .. EndOf(Of("uses-sdk"))]);
        for (var i = 0; i < permissions.Count; i++)
        {
            var name = (uint)(strings.Length - permissions.Count + i);
            below.AddRange([.. Start(Of("uses-permission"), 1, w =>
                WriteAttribute(w, space, 2, BinaryXml.TextValue, name, name)), .. EndOf(Of("uses-permission"))]);
        }
        var element = Start(6, 3, w =>
        {
            WriteAttribute(w, space, 0, BinaryXml.DecimalValue, None, versionCode);
            WriteAttribute(w, space, 1, BinaryXml.TextValue, 8, 8);
            WriteAttribute(w, None, 5, BinaryXml.TextValue, 7, 7);
        });
        return Chunk(
            BinaryXml.XmlChunk, 8, w => w.Write([.. Pool(strings), .. map, .. element, .. below, .. EndOf(6)]));
    }

    static byte[] Start(uint name, ushort attributes, Action<BinaryWriter> write) =>
        Chunk(BinaryXml.StartElementChunk, 16, w =>
        {
            w.Write(1u); // line
            w.Write(None); // comment
            w.Write(None); // namespace of the element
            w.Write(name);
            WriteShorts(w, 20, 20, attributes, 0, 0, 0); // start, size and count of the attributes; no id, class or style
            write(w);
        });

    static byte[] EndOf(uint name) => Chunk(BinaryXml.EndElementChunk, 16, w =>
    {
        foreach (var word in new[] { 1u, None, None, name })
            w.Write(word);
    });

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
