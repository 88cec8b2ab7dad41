using System.Buffers.Binary;

namespace CloudPhone.Apk;

/// <summary>
/// Looks at the end of a ZIP file before a library reads all of its directory: what is said there bounds how much
/// memory that takes.
/// </summary>
static class ZipDirectory
{
    const uint EndSignature = 0x06054b50;
    const int EndSize = 22;
    const int MaxComment = ushort.MaxValue;
    const int MaxDirectoryBytes = 16 << 20;

    /// <returns>Where the directory begins.</returns>
    /// <exception cref="ApkException">It is no whole ZIP file, or its directory is too large.</exception>
    public static long Check(Stream file)
    {
        var tail = new byte[(int)Math.Min(file.Length, EndSize + MaxComment)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        for (var i = tail.Length - EndSize; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i)) != EndSignature)
                continue;
            var begins = Check(tail.AsSpan(i), file.Length - tail.Length + i);
            file.Position = 0;
            return begins;
        }
        throw new ApkException("The file is no APK: it is not a ZIP file, or its end is missing.");
    }

    static long Check(ReadOnlySpan<byte> end, long at)
    {
        var entries = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        var comment = BinaryPrimitives.ReadUInt16LittleEndian(end[20..]);
        if (entries == ushort.MaxValue || offset == uint.MaxValue)
            throw new ApkException("The file is a 64-bit ZIP file, which Android does not install.");
        if (size > MaxDirectoryBytes)
            throw new ApkException("The file has too many entries.");
        if (EndSize + comment != end.Length || offset + size != at)
            throw new ApkException("The file is damaged: its ZIP directory is not where it should be.");
        return offset;
    }
}
