namespace CloudPhone.Scrcpy.Tests;

/// <summary>Bytes that come in pieces, and then the end; nobody waits.</summary>
/// <param name="most">Bytes of a piece; they shrink and grow below.</param>
sealed class PiecesStream(byte[] bytes, int most) : MemoryStream(bytes, writable: false)
{
    int _next = 1;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _next = (_next % most) + 1;
        return ValueTask.FromResult(Read(buffer.Span[..Math.Min(buffer.Length, _next)]));
    }
}
