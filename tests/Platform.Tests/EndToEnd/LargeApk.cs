using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>
/// An APK of nearly 500 MB, made while it is sent: a small one, and bytes that can't be made smaller. Its length is not
/// said, so it goes in chunks.
/// </summary>
sealed class LargeApk(byte[] small) : HttpContent
{
    const int Block = 1 << 20, Blocks = 495;

    /// <summary>In lower-case hex, once it was sent.</summary>
    public string Sha256 { get; private set; } = "";

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var zip = await ZipArchive.CreateAsync(
            new Hashed(stream, hash), ZipArchiveMode.Create, leaveOpen: true, null))
        {
            using var original = new ZipArchive(new MemoryStream(small));
            foreach (var entry in original.Entries)
                await AddAsync(zip, entry.Name, [Content(entry)]);
            await AddAsync(zip, "assets/filler", Filler());
        }
        Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    static async Task AddAsync(ZipArchive zip, string name, IEnumerable<byte[]> content)
    {
        await using var target = await zip.CreateEntry(name, CompressionLevel.NoCompression).OpenAsync();
        foreach (var bytes in content)
            await target.WriteAsync(bytes);
    }

    static byte[] Content(ZipArchiveEntry entry)
    {
        using var copy = new MemoryStream();
        using (var source = entry.Open())
            source.CopyTo(copy);
        return copy.ToArray();
    }

    static IEnumerable<byte[]> Filler()
    {
        var block = new byte[Block];
        new Random(500).NextBytes(block);
        for (var i = 0; i < Blocks; i++)
        {
            BitConverter.TryWriteBytes(block, i); // no two alike
            yield return block;
        }
    }

    /// <summary>Passes on what is written, which it counts into a hash.</summary>
    sealed class Hashed(Stream target, IncrementalHash hash) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            hash.AppendData(buffer.Span);
            return target.WriteAsync(buffer, cancellationToken);
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            hash.AppendData(buffer, offset, count);
            target.Write(buffer, offset, count);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
