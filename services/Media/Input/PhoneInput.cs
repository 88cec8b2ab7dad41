using System.Text;
using CloudPhone.Scrcpy;
using CloudPhone.Scrcpy.Control;

namespace CloudPhone.Media.Input;

/// <summary>Does with a phone what a viewer's message says.</summary>
static class PhoneInput
{
    const int MaxPointer = 9, MaxSide = 16384, MaxSteps = 16, MaxText = 4096;

    /// <returns>What is wrong with the message, for whoever sent it; null: nothing.</returns>
    public static string? Check(InputMessage m) => m.Type switch
    {
        InputType.Touch when m.Action is null or InputAction.Press =>
            "A touch has an action: down, move, up or cancel.",
        InputType.Touch when m.Pointer is not (null or (>= 0 and <= MaxPointer)) => $"pointer is 0 to {MaxPointer}.",
        InputType.Touch when m.Pressure is not (null or (>= 0 and <= 1)) => "pressure is 0 to 1.",
        InputType.Touch => CheckPoint(m),
        InputType.Scroll when !IsStep(m.Dx) || !IsStep(m.Dy) => $"dx and dy are -{MaxSteps} to {MaxSteps}.",
        InputType.Scroll => CheckPoint(m),
        InputType.Key when m.Key is null || !PhoneKeys.Codes.ContainsKey(m.Key) =>
            "key is a name of Android without KEYCODE_, like ENTER.",
        InputType.Key => m.Action is null or InputAction.Down or InputAction.Up or InputAction.Press ? null
            : "A key's action is down, up or press.",
        InputType.Text => m.Text is { Length: >= 1 and <= MaxText } ? null : $"text has 1 to {MaxText} characters.",
        InputType.Clipboard => m.Text is { } text && Encoding.UTF8.GetByteCount(text) <= SetClipboardMessage.MaxBytes
            ? null : $"text has at most {SetClipboardMessage.MaxBytes} bytes.",
        InputType.Pictures => m.Mode is not null ? null : "mode is none, video or snapshots.",
        _ => null,
    };

    static string? CheckPoint(InputMessage m) =>
        m is { X: { } x, Y: { } y, Width: > 0 and <= MaxSide and var width, Height: > 0 and <= MaxSide and var height }
            && x >= 0 && x <= width && y >= 0 && y <= height
            ? null : "x and y lie in the video, whose width and height are named with them.";

    static bool IsStep(double? step) => step is null or (>= -MaxSteps and <= MaxSteps);

    /// <param name="m">One that was checked.</param>
    /// <exception cref="ScrcpyException">The phone is gone.</exception>
    public static ValueTask DoAsync(InputMessage m, ScrcpySession phone, CancellationToken ct) => m.Type switch
    {
        InputType.Touch => phone.SendAsync(
            new TouchMessage(ActionOf(m), (ulong)(m.Pointer ?? 0), PointOf(m),
                m.Action == InputAction.Up ? 0 : (float)(m.Pressure ?? 1)), ct),
        InputType.Scroll => phone.SendAsync(
            new ScrollMessage(PointOf(m), (float)(m.Dx ?? 0), (float)(m.Dy ?? 0)), ct),
        InputType.Key => PressAsync(phone, PhoneKeys.Codes[m.Key!], m.Action ?? InputAction.Press, m.Meta ?? 0, ct),
        InputType.Home => PressAsync(phone, PhoneKeys.Codes["HOME"], InputAction.Press, 0, ct),
        InputType.AppSwitch => PressAsync(phone, PhoneKeys.Codes["APP_SWITCH"], InputAction.Press, 0, ct),
        InputType.Power => PressAsync(phone, PhoneKeys.Codes["POWER"], InputAction.Press, 0, ct),
        InputType.Back => BackAsync(phone, ct),
        InputType.Rotate => phone.SendAsync(new PlainMessage(PlainMessageKind.Rotate), ct),
        InputType.Text => TypeAsync(phone, m.Text!, ct),
        InputType.Clipboard => phone.SendAsync(new SetClipboardMessage(0, false, m.Text!), ct),
        InputType.GetClipboard => phone.SendAsync(new GetClipboardMessage(CopyKey.Copy), ct),
        _ => throw new ArgumentOutOfRangeException(nameof(m), m.Type, "It is nothing that is done with a phone."),
    };

    /// <summary>What phones have no key for, as Chinese, is pasted.</summary>
    static async ValueTask TypeAsync(ScrcpySession phone, string text, CancellationToken ct)
    {
        if (text.All(char.IsAscii))
            await phone.TypeAsync(text, ct);
        else
            await phone.SendAsync(new SetClipboardMessage(0, true, text), ct);
    }

    static async ValueTask PressAsync(
        ScrcpySession phone, int key, InputAction action, int meta, CancellationToken ct)
    {
        if (action != InputAction.Up)
            await phone.SendAsync(new KeyMessage(KeyAction.Down, key, 0, meta), ct);
        if (action != InputAction.Down)
            await phone.SendAsync(new KeyMessage(KeyAction.Up, key, 0, meta), ct);
    }

    static async ValueTask BackAsync(ScrcpySession phone, CancellationToken ct)
    {
        await phone.SendAsync(new BackMessage(KeyAction.Down), ct);
        await phone.SendAsync(new BackMessage(KeyAction.Up), ct);
    }

    static TouchAction ActionOf(InputMessage m) => m.Action switch
    {
        InputAction.Down => TouchAction.Down,
        InputAction.Up => TouchAction.Up,
        InputAction.Move => TouchAction.Move,
        _ => TouchAction.Cancel,
    };

    static VideoPoint PointOf(InputMessage m) =>
        new((int)m.X!.Value, (int)m.Y!.Value, (ushort)m.Width!.Value, (ushort)m.Height!.Value);
}
