using System.IO.Compression;
using System.Text;

namespace CloudPhone.Apk;

/// <summary>Checks that a file is an APK, without unpacking more of it than its manifest.</summary>
static class ApkFile
{
    const string ManifestName = "AndroidManifest.xml";
    const int MaxManifestBytes = 8 << 20;
    const long MaxUnpacked = 8L << 30;
    const long AlwaysAllowed = 64 << 20;
    const int MaxRatio = 100;

    /// <exception cref="ApkException">It is none.</exception>
    public static ApkManifest Read(string path) => Inspect(path).Manifest;

    /// <inheritdoc cref="Read"/>
    public static ApkContents Inspect(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Inspect(file);
    }

    /// <inheritdoc cref="Read"/>
    public static ApkContents Inspect(Stream file)
    {
        try
        {
            var directory = ZipDirectory.Check(file);
            using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true, Encoding.UTF8);
            CheckEntries(zip, file.Length);
            CheckContent(zip);
            var manifest = ReadStart(zip.GetEntry(ManifestName)!, MaxManifestBytes + 1);
            return manifest.Length <= MaxManifestBytes
                ? new(ApkManifest.Read(manifest),
                    ManifestFacts.Read(manifest, SignatureSchemes.Of(file, zip, directory)))
                : throw new ApkException("The manifest of this APK is too large.");
        }
        catch (Exception e) when (
            e is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException)
        {
            throw new ApkException("The file is damaged: it can't be read as a ZIP file.", e);
        }
    }

    /// <summary>
    /// Names that a phone's installer and a careless unpacker would read differently, and sizes that would fill its
    /// disk.
    /// </summary>
    static void CheckEntries(ZipArchive zip, long fileSize)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var unpacked = 0L;
        foreach (var entry in zip.Entries)
        {
            if (!names.Add(entry.FullName))
                throw new ApkException("The file has two entries of the same name.");
            if (entry.FullName.StartsWith('/') || entry.FullName.Contains('\\')
                || entry.FullName.Split('/').Contains(".."))
                throw new ApkException("The file has an entry whose name leads out of it.");
            unpacked += entry.Length;
        }
        if (unpacked > MaxUnpacked || unpacked > Math.Max(AlwaysAllowed, fileSize * MaxRatio))
            throw new ApkException("The file unpacks to far more than its size.");
        if (!names.Contains(ManifestName))
            throw new ApkException("The file is no APK: it has no AndroidManifest.xml.");
    }

    static void CheckContent(ZipArchive zip)
    {
        var code = zip.GetEntry("classes.dex");
        var resources = zip.GetEntry("resources.arsc");
        if (code is null && resources is null)
            throw new ApkException("The file is no APK: it has neither classes.dex nor resources.arsc.");
        if (code is not null && !ReadStart(code, 4).SequenceEqual("dex\n"u8))
            throw new ApkException("classes.dex in the file is no Android code.");
        if (resources is not null && ReadStart(resources, 2) is not [2, 0])
            throw new ApkException("resources.arsc in the file is no Android resource table.");
    }

    static ReadOnlySpan<byte> ReadStart(ZipArchiveEntry entry, int atMost)
    {
        using var stream = entry.Open();
        using var copy = new MemoryStream();
        var buffer = new byte[Math.Min(atMost, 8192)];
        while (copy.Length < atMost)
        {
            var n = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, atMost - copy.Length));
            if (n == 0)
                break;
            copy.Write(buffer, 0, n);
        }
        return copy.GetBuffer().AsSpan(0, (int)copy.Length);
    }
}
