using System.Buffers;
using System.Text;

namespace CloudPhone.Devices.Phones;

/// <summary>The last lines of what comes in pieces; older ones, and ends of very long ones, are let go.</summary>
sealed class LogTail(int maxLines)
{
    const int MaxLineBytes = 4 << 10;
    const int MaxBytes = 1 << 20;
    readonly Queue<byte[]> _lines = new();
    readonly ArrayBufferWriter<byte> _line = new();
    int _bytes;

    public void Add(ReadOnlySpan<byte> piece)
    {
        for (int end; (end = piece.IndexOf((byte)'\n')) >= 0; piece = piece[(end + 1)..])
        {
            AddToLine(piece[..end]);
            EndLine();
        }
        AddToLine(piece);
    }

    void AddToLine(ReadOnlySpan<byte> piece) =>
        _line.Write(piece[..Math.Min(piece.Length, MaxLineBytes - _line.WrittenCount)]);

    void EndLine()
    {
        var line = _line.WrittenSpan.ToArray();
        _line.ResetWrittenCount();
        if (line.AsSpan().StartsWith("--------- "u8)) // which buffer begins here
            return;
        _lines.Enqueue(line);
        _bytes += line.Length + 1;
        while (_lines.Count > maxLines || _bytes > MaxBytes)
            _bytes -= _lines.Dequeue().Length + 1;
    }

    public override string ToString()
    {
        if (_line.WrittenCount > 0)
            EndLine();
        return string.Concat(_lines.Select(l => $"{Encoding.UTF8.GetString(l)}\n"));
    }
}
