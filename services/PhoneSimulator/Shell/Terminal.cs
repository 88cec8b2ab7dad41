namespace CloudPhone.PhoneSimulator.Shell;

/// <summary>What a terminal does for whoever types: keys are shown, backspace takes the last one back, and a line is
/// read when it is whole.</summary>
sealed class Terminal(Stream keys, Stream screen) : AsyncStream
{
    const int MaxLine = 4096;
    const byte EndOfInput = 4, Interrupt = 3, Delete = 127;
    readonly byte[] _key = new byte[1];
    byte[] _line = [];
    int _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read == _line.Length)
        {
            (_line, _read) = (await ReadLineAsync(cancellationToken), 0);
            if (_line.Length == 0)
                return 0;
        }
        var n = Math.Min(buffer.Length, _line.Length - _read);
        _line.AsMemory(_read, n).CopyTo(buffer);
        _read += n;
        return n;
    }

    /// <returns>With its line feed; empty at the end of the input.</returns>
    async Task<byte[]> ReadLineAsync(CancellationToken ct)
    {
        var line = new List<byte>();
        while (await keys.ReadAsync(_key, ct) == 1)
        {
            var key = _key[0];
            switch (key)
            {
                case (byte)'\r' or (byte)'\n':
                    await screen.WriteAsync("\r\n"u8.ToArray(), ct);
                    return [.. line, (byte)'\n'];
                case EndOfInput when line.Count == 0:
                    return [];
                case Interrupt:
                    await screen.WriteAsync("^C\r\n"u8.ToArray(), ct);
                    return "\n"u8.ToArray();
                case Delete or (byte)'\b' when line.Count > 0:
                    line.RemoveAt(line.Count - 1);
                    await screen.WriteAsync("\b \b"u8.ToArray(), ct);
                    break;
                case >= (byte)' ' and not Delete when line.Count < MaxLine:
                    line.Add(key);
                    await screen.WriteAsync(_key.ToArray(), ct);
                    break;
                default:
                    break;
            }
        }
        return [];
    }
}
