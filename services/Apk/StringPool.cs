using System.Runtime.InteropServices;
using System.Text;

namespace CloudPhone.Apk;

/// <summary>The strings of a binary XML file, read one by one when they are asked for.</summary>
readonly ref struct StringPool
{
    const uint Utf8Flag = 1 << 8;
    const int MaxChars = 4096;
    readonly Bytes _chunk;
    readonly uint _count;
    readonly uint _start;
    readonly long _offsets;
    readonly bool _isUtf8;

    /// <param name="chunk">The whole chunk, header included.</param>
    public StringPool(ReadOnlySpan<byte> chunk)
    {
        _chunk = new(chunk);
        _offsets = _chunk.U16(2);
        _count = _chunk.U32(8);
        _isUtf8 = (_chunk.U32(16) & Utf8Flag) != 0;
        _start = _chunk.U32(20);
    }

    /// <returns>Null for an index that stands for "none" or points nowhere.</returns>
    public string? this[uint index]
    {
        get
        {
            if (index >= _count)
                return null;
            var at = _start + (long)_chunk.U32(_offsets + (4L * index));
            return _isUtf8 ? Utf8(at) : Utf16(at);
        }
    }

    /// <summary>Two lengths, in characters and in bytes, each of one byte or, with the high bit set, two.</summary>
    string Utf8(long at)
    {
        at += (_chunk.U8(at) & 0x80) != 0 ? 2 : 1;
        int bytes = _chunk.U8(at++);
        if ((bytes & 0x80) != 0)
            bytes = ((bytes & 0x7f) << 8) | _chunk.U8(at++);
        return Encoding.UTF8.GetString(_chunk.Slice(at, Checked(bytes)));
    }

    string Utf16(long at)
    {
        int chars = _chunk.U16(at);
        at += 2;
        if ((chars & 0x8000) != 0)
        {
            chars = ((chars & 0x7fff) << 16) | _chunk.U16(at);
            at += 2;
        }
        return new(MemoryMarshal.Cast<byte, char>(_chunk.Slice(at, 2L * Checked(chars))));
    }

    static int Checked(int length) =>
        length <= MaxChars ? length
            : throw new ApkException($"A string in the manifest has more than {MaxChars} characters.");
}
