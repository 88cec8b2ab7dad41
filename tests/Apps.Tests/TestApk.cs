using System.IO.Compression;
using CloudPhone.Apps.Sample;

namespace CloudPhone.Apps.Tests;

/// <summary>Makes APKs, good ones and ones that must be refused.</summary>
static class TestApk
{
    public static byte[] Of(
        string package = "com.example.app", uint code = 1, string? name = null, byte[]? filler = null,
        params IReadOnlyList<string> permissions) =>
        Zip([("AndroidManifest.xml", BinaryXmlWriter.Manifest(package, code, name ?? $"{code}.0", minSdk: 24,
                targetSdk: 35, permissions: permissions)),
            ("classes.dex", "dex\n035\0"u8.ToArray()), .. filler is null ? [] : new[] { ("assets/filler", filler) }]);

    /// <summary>One of several parts, the last of them short; its bytes can't be made smaller.</summary>
    public static byte[] Large(string package = "com.example.large", uint code = 1)
    {
        var filler = new byte[(2 * PartBytes) + 12_345];
        new Random(5).NextBytes(filler);
        return Of(package, code, filler: filler);
    }

    const int PartBytes = 2 << 20;

    public static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        return stream.ToArray();
    }

    /// <summary>With a signing block before the ZIP's directory that has a pair of each id.</summary>
    public static byte[] WithSigningBlock(byte[] apk, params uint[] ids)
    {
        const int endSize = 22;
        var end = apk.Length - endSize;
        var directory = BitConverter.ToInt32(apk, end + 16);
        using var block = new MemoryStream();
        using var w = new BinaryWriter(block);
        var size = (ulong)(ids.Sum(_ => 8 + 4 + 5) + 24);
        w.Write(size);
        foreach (var id in ids)
        {
            w.Write(9UL);
            w.Write(id);
            w.Write("value"u8);
        }
        w.Write(size);
        w.Write("APK Sig Block 42"u8);
        byte[] signed = [.. apk[..directory], .. block.ToArray(), .. apk[directory..]];
        BitConverter.TryWriteBytes(signed.AsSpan(signed.Length - endSize + 16), directory + (int)block.Length);
        return signed;
    }
}
