namespace CloudPhone.PhoneSimulator.Control;

/// <summary>The body of one request: first what was read with the head, then as much of the connection as belongs to
/// it.</summary>
sealed class BodyStream(Stream connection, Memory<byte> buffered, long length)
{
    Memory<byte> _buffered = buffered;
    long _left = length;

    public bool IsAtEnd => _left == 0;

    /// <summary>What was read beyond the body: the next request's beginning.</summary>
    public ReadOnlyMemory<byte> Rest => IsAtEnd ? _buffered : default;

    /// <returns>0 at the end of the body.</returns>
    /// <exception cref="EndOfStreamException">The client closed before it.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken ct)
    {
        if (_left == 0)
            return 0;
        var want = (int)Math.Min(target.Length, _left);
        int n;
        if (_buffered.Length > 0)
        {
            n = Math.Min(want, _buffered.Length);
            _buffered[..n].CopyTo(target);
            _buffered = _buffered[n..];
        }
        else if ((n = await connection.ReadAsync(target[..want], ct)) == 0)
        {
            throw new EndOfStreamException();
        }
        _left -= n;
        return n;
    }
}
