namespace CloudPhone.Media.Input;

/// <summary>The keys that can be pressed, by Android's names without KEYCODE_.</summary>
static class PhoneKeys
{
    public const int Home = 3, Power = 26, AppSwitch = 187;

    public static readonly IReadOnlyDictionary<string, int> Codes = Known();

    static Dictionary<string, int> Known()
    {
        var codes = new Dictionary<string, int>
        {
            ["HOME"] = Home, ["BACK"] = 4, ["DPAD_UP"] = 19, ["DPAD_DOWN"] = 20, ["DPAD_LEFT"] = 21,
            ["DPAD_RIGHT"] = 22, ["DPAD_CENTER"] = 23, ["VOLUME_UP"] = 24, ["VOLUME_DOWN"] = 25, ["POWER"] = Power,
            ["TAB"] = 61, ["SPACE"] = 62, ["ENTER"] = 66, ["DEL"] = 67, ["MENU"] = 82, ["SEARCH"] = 84,
            ["MEDIA_PLAY_PAUSE"] = 85, ["MEDIA_STOP"] = 86, ["MEDIA_NEXT"] = 87, ["MEDIA_PREVIOUS"] = 88,
            ["PAGE_UP"] = 92, ["PAGE_DOWN"] = 93, ["ESCAPE"] = 111, ["FORWARD_DEL"] = 112, ["MOVE_HOME"] = 122,
            ["MOVE_END"] = 123, ["VOLUME_MUTE"] = 164, ["APP_SWITCH"] = AppSwitch, ["SLEEP"] = 223, ["WAKEUP"] = 224,
        };
        for (var c = 'A'; c <= 'Z'; c++) // for what is done with a key that is held, as Ctrl-A
            codes[$"{c}"] = 29 + c - 'A';
        for (var c = '0'; c <= '9'; c++)
            codes[$"{c}"] = 7 + c - '0';
        return codes;
    }
}
