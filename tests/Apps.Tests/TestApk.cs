using System.IO.Compression;
using CloudPhone.Apps.Sample;

namespace CloudPhone.Apps.Tests;

/// <summary>Makes APKs, good ones and ones that must be refused.</summary>
static class TestApk
{
    public static byte[] Of(
        string package = "com.example.app", uint code = 1, string? name = null, byte[]? filler = null) =>
        Zip([("AndroidManifest.xml", BinaryXmlWriter.Manifest(package, code, name ?? $"{code}.0")),
            ("classes.dex", "dex\n035\0"u8.ToArray()), .. filler is null ? [] : new[] { ("assets/filler", filler) }]);

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
}
