using CloudPhone.Adb.Screen;

namespace CloudPhone.Media.Input;

/// <summary>The keys that can be pressed: a phone's, and letters and digits for what is done with a key that is held,
/// as Ctrl-A.</summary>
static class PhoneKeys
{
    const int Letters = 29, Digits = 7;

    public static readonly IReadOnlyDictionary<string, int> Codes = Known();

    static Dictionary<string, int> Known()
    {
        var codes = new Dictionary<string, int>(AndroidKeys.Codes);
        for (var c = 'A'; c <= 'Z'; c++)
            codes[$"{c}"] = Letters + c - 'A';
        for (var c = '0'; c <= '9'; c++)
            codes[$"{c}"] = Digits + c - '0';
        return codes;
    }
}
