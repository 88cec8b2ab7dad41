using System.Buffers;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Installs;

/// <summary>
/// An APK as the app service hands it out: part by part. Each is a short call, which the sidecar may repeat, however
/// long the phone takes for the whole; one part is in memory.
/// </summary>
/// <param name="got">Is told how many bytes have come.</param>
sealed class PackageStream(Sibling apps, AppToInstall app, Func<long, Task> got) : Stream
{
    byte[]? _part;
    int _next, _from, _to;
    long _come;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => app.Size;
    public override long Position
    {
        get => _come - (_to - _from);
        set => throw new NotSupportedException();
    }

    /// <exception cref="SiblingUnavailableException">The app service, or its store, is away.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_from == _to && _come < app.Size)
            await LoadAsync(cancellationToken);
        var n = Math.Min(buffer.Length, _to - _from);
        _part.AsSpan(_from, n).CopyTo(buffer.Span);
        _from += n;
        return n;
    }

    async Task LoadAsync(CancellationToken ct)
    {
        var size = (int)Math.Min(app.PartBytes, app.Size - _come);
        _part ??= ArrayPool<byte>.Shared.Rent(size);
        await using var body = await apps.GetStreamAsync(
            $"/internal/files?fileId={Uri.EscapeDataString(app.FileId)}&part={_next++}", ct)
            ?? throw new IOException("The app's file is not there any more.");
        await body.ReadExactlyAsync(_part.AsMemory(0, size), ct);
        (_from, _to) = (0, size);
        _come += size;
        await got(_come);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

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
