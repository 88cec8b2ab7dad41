namespace CloudPhone.PhoneSimulator.Scrcpy;

/// <summary>What a client wants done.</summary>
abstract record ControlMessage;

sealed record KeyMessage(byte Action, int Key, int Repeat, int Meta) : ControlMessage;

sealed record TextMessage(string Text) : ControlMessage;

/// <param name="Width">Of the video that it was seen on, as the height.</param>
sealed record TouchMessage(byte Action, ulong Pointer, int X, int Y, int Width, int Height) : ControlMessage;

/// <param name="Vertical">Steps of a wheel, -16 to 16.</param>
sealed record ScrollMessage(int X, int Y, int Width, int Height, double Vertical) : ControlMessage;

sealed record BackMessage(byte Action) : ControlMessage;

/// <param name="Title">Null: none.</param>
sealed record PanelMessage(string? Title) : ControlMessage;

/// <param name="CopyKey">0: none is pressed before, 1: copy, 2: cut.</param>
sealed record GetClipboardMessage(byte CopyKey) : ControlMessage;

/// <param name="Sequence">To be acknowledged, if it is not 0.</param>
sealed record SetClipboardMessage(ulong Sequence, bool Paste, string Text) : ControlMessage;

sealed record DisplayPowerMessage(bool IsOn) : ControlMessage;

sealed record RotateMessage : ControlMessage;

sealed record StartAppMessage(string Name) : ControlMessage;

sealed record ResetVideoMessage : ControlMessage;

/// <summary>Of hardware that this phone does not have.</summary>
sealed record IgnoredMessage(byte Type) : ControlMessage;

/// <summary>The client speaks something else.</summary>
sealed class ControlProtocolException(string message) : Exception(message);
