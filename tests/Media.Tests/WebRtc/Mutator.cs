namespace CloudPhone.Media.Tests.WebRtc;

/// <summary>Makes nearly right messages out of right ones.</summary>
sealed class Mutator(int seed, IReadOnlyList<byte[]> genuine)
{
    readonly Random _random = new(seed);
    readonly byte[] _buffer = new byte[16 * 1024];

    /// <summary>Valid until the next call.</summary>
    public byte[] Next()
    {
        var message = genuine[_random.Next(genuine.Count)];
        message.CopyTo(_buffer, 0);
        var length = message.Length;
        for (var change = _random.Next(1, 4); change > 0; change--)
            length = Change(length);
        return _buffer[..length];
    }

    int Change(int length)
    {
        var at = _random.Next(length + 1);
        switch (_random.Next(6))
        {
            case 0 when at < length:
                _buffer[at] ^= (byte)(1 << _random.Next(8));
                return length;
            case 1 when at < length:
                _buffer[at] = (byte)_random.Next(256);
                return length;
            case 2:
                return at; // its end is missing
            case 3: // a piece is missing
                var gone = _random.Next(Math.Min(64, length - at) + 1);
                _buffer.AsSpan((at + gone)..length).CopyTo(_buffer.AsSpan(at));
                return length - gone;
            case 4: // a piece is there twice
                var twice = _random.Next(Math.Min(64, length - at) + 1);
                _buffer.AsSpan(at..length).ToArray().CopyTo(_buffer, at + twice);
                return length + twice;
            default: // a number of two bytes that is at an edge
                if (at + 2 <= length)
                    (_buffer[at], _buffer[at + 1]) = ((byte)_random.Next(2), (byte)(_random.Next(2) * 255));
                return length;
        }
    }
}
