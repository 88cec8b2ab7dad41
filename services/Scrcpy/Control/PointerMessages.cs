using System.Buffers.Binary;

namespace CloudPhone.Scrcpy.Control;

/// <summary>What a pointer does, as Android's <c>MotionEvent</c> counts.</summary>
enum TouchAction : byte
{
    Down = 0,
    Up = 1,
    Move = 2,
    Cancel = 3,
    /// <summary>A mouse passes by with no button held.</summary>
    HoverMove = 7,
}

/// <summary>Where on the video something was done. Of another size than the video has by now it is dropped by the
/// phone: nobody knows what it was meant for.</summary>
/// <param name="Width">Of the video that was seen, as the height.</param>
readonly record struct VideoPoint(int X, int Y, ushort Width, ushort Height)
{
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt32BigEndian(target, X);
        BinaryPrimitives.WriteInt32BigEndian(target[4..], Y);
        BinaryPrimitives.WriteUInt16BigEndian(target[8..], Width);
        BinaryPrimitives.WriteUInt16BigEndian(target[10..], Height);
    }
}

/// <summary>One finger, or the mouse. The phone knows ten at once.</summary>
/// <param name="Pointer">Which one, from its down to its up: any number, or one of the constants.</param>
/// <param name="Pressure">0 to 1.</param>
/// <param name="ActionButton">The button that has changed, as <c>BUTTON_PRIMARY</c>.</param>
/// <param name="Buttons">Those that are held.</param>
readonly record struct TouchMessage(
    TouchAction Action, ulong Pointer, VideoPoint At, float Pressure = 1, int ActionButton = 0, int Buttons = 0)
    : IControlMessage
{
    public const ulong Mouse = ulong.MaxValue, Finger = ulong.MaxValue - 1, VirtualFinger = ulong.MaxValue - 2;

    public int Length => 32;

    public void Write(Span<byte> target)
    {
        (target[0], target[1]) = (2, (byte)Action);
        BinaryPrimitives.WriteUInt64BigEndian(target[2..], Pointer);
        At.Write(target[10..]);
        BinaryPrimitives.WriteUInt16BigEndian(target[22..], Fixed(Pressure));
        BinaryPrimitives.WriteInt32BigEndian(target[24..], ActionButton);
        BinaryPrimitives.WriteInt32BigEndian(target[28..], Buttons);
    }

    /// <summary>Of 16 bits, all behind the point; what is no number is 0.</summary>
    static ushort Fixed(float value) => value > 0 ? (ushort)Math.Min(Math.Min(value, 1) * 0x10000, 0xffff) : (ushort)0;
}

/// <summary>A wheel.</summary>
/// <param name="Horizontal">Steps, -16 to 16; to the right is more.</param>
/// <param name="Vertical">Steps, -16 to 16; upwards is more.</param>
readonly record struct ScrollMessage(VideoPoint At, float Horizontal, float Vertical, int Buttons = 0)
    : IControlMessage
{
    const float Max = 16;

    public int Length => 21;

    public void Write(Span<byte> target)
    {
        target[0] = 3;
        At.Write(target[1..]);
        BinaryPrimitives.WriteInt16BigEndian(target[13..], Fixed(Horizontal));
        BinaryPrimitives.WriteInt16BigEndian(target[15..], Fixed(Vertical));
        BinaryPrimitives.WriteInt32BigEndian(target[17..], Buttons);
    }

    static short Fixed(float steps) => float.IsNaN(steps) ? (short)0
        : (short)Math.Min(Math.Clamp(steps / Max, -1, 1) * 0x8000, 0x7fff);
}
