using System.Buffers.Binary;
using System.IO.Compression;

namespace CloudPhone.Apk;

/// <summary>
/// In which forms an APK is signed: as a JAR (v1), or in the signing block before the ZIP's directory. Nothing is
/// verified: that is for the phone, which has the certificates of what it has installed.
/// </summary>
static class SignatureSchemes
{
    internal const uint V2 = 0x7109871a;
    internal const uint V3 = 0xf05368c0;
    internal const uint V31 = 0x1b93ad61;
    internal static ReadOnlySpan<byte> Magic => "APK Sig Block 42"u8;
    const int FooterSize = 24;
    const int MaxPairs = 1000;

    /// <param name="file">The APK.</param>
    /// <param name="zip">The same, as a ZIP file.</param>
    /// <param name="directory">Where its directory begins.</param>
    /// <exception cref="ApkException">It has a signing block that can't be read.</exception>
    public static IReadOnlyList<string> Of(Stream file, ZipArchive zip, long directory)
    {
        var found = new List<string>();
        if (IsSignedAsJar(zip))
            found.Add("v1");
        var ids = Ids(file, directory);
        foreach (var (id, name) in new[] { (V2, "v2"), (V3, "v3"), (V31, "v3.1") })
            if (ids.Contains(id))
                found.Add(name);
        return found;
    }

    static bool IsSignedAsJar(ZipArchive zip)
    {
        var names = zip.Entries.Select(e => e.FullName)
            .Where(n => n.StartsWith("META-INF/", StringComparison.Ordinal) && n.IndexOf('/', 9) < 0).ToList();
        return names.Exists(n => n.EndsWith(".SF", StringComparison.OrdinalIgnoreCase))
            && names.Exists(n => Path.GetExtension(n).ToUpperInvariant() is ".RSA" or ".DSA" or ".EC");
    }

    /// <summary>The block: its size, pairs of size, id and value, its size again, and sixteen letters.</summary>
    static HashSet<uint> Ids(Stream file, long directory)
    {
        var ids = new HashSet<uint>();
        var footer = new byte[FooterSize];
        if (directory < FooterSize + 8 || !Read(file, directory - FooterSize, footer).EndsWith(Magic))
            return ids;
        var size = BinaryPrimitives.ReadUInt64LittleEndian(footer);
        var start = directory - (long)Math.Min(size, long.MaxValue - 8) - 8;
        if (size < FooterSize || start < 0
            || BinaryPrimitives.ReadUInt64LittleEndian(Read(file, start, new byte[8])) != size)
            throw Damaged();
        var pair = new byte[12];
        var end = directory - FooterSize;
        var pairs = 0;
        for (var at = start + 8; at < end;)
        {
            if (at + pair.Length > end || ++pairs > MaxPairs)
                throw Damaged();
            Read(file, at, pair);
            var length = BinaryPrimitives.ReadUInt64LittleEndian(pair);
            if (length < 4 || length > (ulong)(end - at - 8))
                throw Damaged();
            ids.Add(BinaryPrimitives.ReadUInt32LittleEndian(pair.AsSpan(8)));
            at += 8 + (long)length;
        }
        return ids;
    }

    static Span<byte> Read(Stream file, long at, byte[] into)
    {
        file.Position = at;
        file.ReadExactly(into);
        return into;
    }

    static ApkException Damaged() => new("The signing block of this APK is damaged.");
}
