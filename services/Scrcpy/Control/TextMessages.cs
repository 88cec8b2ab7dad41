using System.Buffers.Binary;
using System.Text;

namespace CloudPhone.Scrcpy.Control;

/// <summary>Text as if typed. Real phones type what their keyboard map has, and drop the rest, as Chinese: for that
/// there is a <see cref="SetClipboardMessage"/> that pastes.</summary>
/// <param name="Text">At most <see cref="MaxBytes"/> of UTF-8; <see cref="Next"/> cuts longer ones.</param>
readonly record struct TextMessage(ReadOnlyMemory<char> Text) : IControlMessage
{
    /// <summary>The server takes no more in one.</summary>
    public const int MaxBytes = 300;

    public int Length => 5 + Encoding.UTF8.GetByteCount(Text.Span);

    public void Write(Span<byte> target)
    {
        target[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(target[1..], Encoding.UTF8.GetBytes(Text.Span, target[5..]));
    }

    /// <summary>The beginning of a text that fits, in whole characters.</summary>
    public static TextMessage Next(ReadOnlyMemory<char> text)
    {
        var (length, bytes) = (0, 0);
        foreach (var rune in text.Span.EnumerateRunes())
        {
            // what is no character is sent as one that says so, which is longer than it was
            if ((bytes += rune.Utf8SequenceLength) > MaxBytes)
                return new(text[..length]);
            length += rune.Utf16SequenceLength;
        }
        return new(text);
    }
}

/// <summary>What is pressed before the clipboard is read.</summary>
enum CopyKey : byte
{
    None = 0,
    Copy = 1,
    Cut = 2,
}

/// <summary>Copies or cuts what is selected on the phone; the text comes as any that is copied there. With
/// <see cref="ScrcpyOptions.ClipboardAutosync"/> it comes only if it is another one.</summary>
readonly record struct GetClipboardMessage(CopyKey Key) : IControlMessage
{
    public int Length => 2;

    public void Write(Span<byte> target) => (target[0], target[1]) = (8, (byte)Key);
}

/// <summary>Puts a text into the phone's clipboard.</summary>
/// <param name="Sequence">The phone acknowledges it; 0: it need not.</param>
/// <param name="Paste">Presses the paste key afterwards.</param>
/// <param name="Text">At most <see cref="MaxBytes"/> of UTF-8.</param>
readonly record struct SetClipboardMessage(ulong Sequence, bool Paste, string Text) : IControlMessage
{
    /// <summary>A message has at most 256 KiB.</summary>
    public const int MaxBytes = (256 << 10) - Head;

    const int Head = 14;

    public int Length => Head + Encoding.UTF8.GetByteCount(Text);

    public void Write(Span<byte> target)
    {
        target[0] = 9;
        BinaryPrimitives.WriteUInt64BigEndian(target[1..], Sequence);
        target[9] = Paste ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(target[10..], Encoding.UTF8.GetBytes(Text, target[Head..]));
    }
}
