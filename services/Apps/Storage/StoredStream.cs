using System.Buffers;

namespace CloudPhone.Apps.Storage;

/// <summary>A stored file to read from, from any place of it: one part at a time is in memory.</summary>
sealed class StoredStream(AppStore store, StoredFile file) : Stream
{
    byte[]? _part;
    int _loaded = -1;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => file.Size;
    public override long Position { get; set; }

    /// <summary>Its beginning is there: who reads can be told that it is not before anything was answered.</summary>
    /// <exception cref="StoreException">It can't be had at the moment. So while it is read.</exception>
    public static async Task<StoredStream> OpenAsync(AppStore store, StoredFile file, CancellationToken ct)
    {
        var stream = new StoredStream(store, file);
        try
        {
            await stream.LoadAsync(0, ct);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.Length == 0)
            return 0;
        var (part, from) = ((int)(Position / StoredFile.PartBytes), (int)(Position % StoredFile.PartBytes));
        await LoadAsync(part, cancellationToken);
        var n = Math.Min(buffer.Length, file.PartSize(part) - from);
        _part.AsSpan(from, n).CopyTo(buffer.Span);
        Position += n;
        return n;
    }

    async Task LoadAsync(int part, CancellationToken ct)
    {
        if (part == _loaded)
            return;
        _part ??= ArrayPool<byte>.Shared.Rent(file.PartSize(0));
        _loaded = -1;
        await store.GetAsync(file.PartName(part), _part.AsMemory(0, file.PartSize(part)), ct);
        _loaded = part;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (_part is not null)
            ArrayPool<byte>.Shared.Return(_part);
        _part = null;
        base.Dispose(disposing);
    }
}
