using System.Buffers.Binary;

namespace CloudPhone.Scrcpy.Control;

/// <summary>What a phone is told, as bytes: big-endian, the type first.</summary>
interface IControlMessage
{
    /// <summary>In bytes.</summary>
    int Length { get; }

    /// <param name="target">Of that length.</param>
    void Write(Span<byte> target);
}

/// <summary>Messages that say no more than what is wanted.</summary>
enum PlainMessageKind : byte
{
    ShowNotifications = 5,
    ShowSettings = 6,
    HidePanels = 7,
    /// <summary>Turns the screen by 90 degrees, or back.</summary>
    Rotate = 11,
    /// <summary>The encoder starts anew, with session, configuration and key frame at once. That costs the phone
    /// something: not more than once a second.</summary>
    ResetVideo = 17,
}

/// <summary>A <see cref="PlainMessageKind"/>.</summary>
readonly record struct PlainMessage(PlainMessageKind Kind) : IControlMessage
{
    public int Length => 1;

    public void Write(Span<byte> target) => target[0] = (byte)Kind;
}

/// <summary>A key's two movements.</summary>
enum KeyAction : byte
{
    Down = 0,
    Up = 1,
}

/// <summary>A key of Android's <c>KeyEvent</c>.</summary>
/// <param name="Repeat">How often a key that is held has come before.</param>
/// <param name="Meta">Which keys are held, as <c>META_SHIFT_ON</c>.</param>
readonly record struct KeyMessage(KeyAction Action, int Key, int Repeat = 0, int Meta = 0) : IControlMessage
{
    public int Length => 14;

    public void Write(Span<byte> target)
    {
        (target[0], target[1]) = (0, (byte)Action);
        BinaryPrimitives.WriteInt32BigEndian(target[2..], Key);
        BinaryPrimitives.WriteInt32BigEndian(target[6..], Repeat);
        BinaryPrimitives.WriteInt32BigEndian(target[10..], Meta);
    }
}

/// <summary>Back, or, where the screen is off, wakes it.</summary>
readonly record struct BackMessage(KeyAction Action) : IControlMessage
{
    public int Length => 2;

    public void Write(Span<byte> target) => (target[0], target[1]) = (4, (byte)Action);
}
