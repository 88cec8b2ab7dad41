using System.IO.Compression;

namespace CloudPhone.Apps.Sample;

/// <summary>
/// Makes the sample app's APK: a ZIP file with a binary manifest and an empty resource table, the same bytes each
/// time. It has no code
/// and no signature: simulated phones install it, a real Android wants a signed app.
/// </summary>
static class SampleApk
{
    public const string PackageName = "com.cloudphone.sample";
    public const string VersionName = "1.0.0";
    public const uint VersionCode = 1;
    const ushort ResourceTableChunk = 0x0002;
    static readonly DateTimeOffset Date = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static byte[] Create()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "AndroidManifest.xml", BinaryXmlWriter.Manifest(PackageName, VersionCode, VersionName));
            Add(zip, "resources.arsc", BinaryXmlWriter.Chunk(ResourceTableChunk, 12, w =>
            {
                w.Write(0u); // packages
                w.Write(BinaryXmlWriter.Pool([]));
            }));
        }
        return stream.ToArray();
    }

    static void Add(ZipArchive zip, string name, byte[] content)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = Date;
        using var target = entry.Open();
        target.Write(content);
    }
}
