namespace CloudPhone.PhoneSimulator.Android;

/// <summary>Android's key codes, as far as something happens here.</summary>
static class Keyboard
{
    public const int Home = 3, Back = 4, Power = 26, Enter = 66, Delete = 67, AppSwitch = 187, Sleep = 223,
        WakeUp = 224, Cut = 277, Copy = 278, Paste = 279, Nothing = 0;
    const int Digits = 7, Letters = 29, Shift = 0x1, Ctrl = 0x1000, CapsLock = 0x100000;
    const string ShiftedDigits = ")!@#$%^&*(";

    static readonly Dictionary<int, (char Plain, char Shifted)> Others = new()
    {
        [55] = (',', '<'), [56] = ('.', '>'), [62] = (' ', ' '), [68] = ('`', '~'), [69] = ('-', '_'),
        [70] = ('=', '+'), [71] = ('[', '{'), [72] = (']', '}'), [73] = ('\\', '|'), [74] = (';', ':'),
        [75] = ('\'', '"'), [76] = ('/', '?'), [77] = ('@', '@'), [81] = ('+', '+'),
        [17] = ('*', '*'), [18] = ('#', '#'),
    };

    /// <summary>What is pressed together with Ctrl does what a key of its own does, or nothing.</summary>
    public static int Meant(int key, int meta) => (meta & Ctrl) == 0 || key is not (>= Letters and < Letters + 26) ? key
        : (char)('a' + key - Letters) switch { 'c' => Copy, 'v' => Paste, 'x' => Cut, _ => Nothing };

    /// <param name="meta">Which of the keys that change others are held.</param>
    /// <returns>Null: it types nothing.</returns>
    public static char? Character(int key, int meta)
    {
        var isShifted = (meta & Shift) != 0;
        return key switch
        {
            >= Digits and < Digits + 10 => isShifted ? ShiftedDigits[key - Digits] : (char)('0' + key - Digits),
            >= Letters and < Letters + 26 =>
                (char)((isShifted != ((meta & CapsLock) != 0) ? 'A' : 'a') + key - Letters),
            _ when Others.TryGetValue(key, out var other) => isShifted ? other.Shifted : other.Plain,
            _ => null,
        };
    }
}
