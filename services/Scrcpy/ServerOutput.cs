using System.Text;

namespace CloudPhone.Scrcpy;

/// <summary>The end of what the server has said.</summary>
sealed class ServerOutput
{
    const int Room = 4096, MaxReason = 300;
    readonly Lock _gate = new();
    readonly byte[] _bytes = new byte[Room];
    int _length;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Room)
            bytes = bytes[^Room..];
        lock (_gate)
        {
            var over = Math.Max(0, _length + bytes.Length - Room);
            _bytes.AsSpan(over, _length - over).CopyTo(_bytes);
            bytes.CopyTo(_bytes.AsSpan(_length - over));
            _length += bytes.Length - over;
        }
    }

    /// <summary>The last line that is an error, or else the last one.</summary>
    public string Reason
    {
        get
        {
            string text;
            lock (_gate)
                text = Encoding.UTF8.GetString(_bytes, 0, _length);
            var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var line = lines.LastOrDefault(l => l.Contains("ERROR: ", StringComparison.Ordinal))
                ?? lines.LastOrDefault() ?? "";
            return line.Length <= MaxReason ? line : line[..MaxReason];
        }
    }
}
