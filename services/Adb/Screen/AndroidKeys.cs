namespace CloudPhone.Adb.Screen;

/// <summary>Keys of a phone, by Android's names without KEYCODE_.</summary>
static class AndroidKeys
{
    public static readonly IReadOnlyDictionary<string, int> Codes = new Dictionary<string, int>
    {
        ["HOME"] = 3, ["BACK"] = 4, ["DPAD_UP"] = 19, ["DPAD_DOWN"] = 20, ["DPAD_LEFT"] = 21, ["DPAD_RIGHT"] = 22,
        ["DPAD_CENTER"] = 23, ["VOLUME_UP"] = 24, ["VOLUME_DOWN"] = 25, ["POWER"] = 26, ["TAB"] = 61, ["SPACE"] = 62,
        ["ENTER"] = 66, ["DEL"] = 67, ["MENU"] = 82, ["SEARCH"] = 84, ["MEDIA_PLAY_PAUSE"] = 85, ["MEDIA_STOP"] = 86,
        ["MEDIA_NEXT"] = 87, ["MEDIA_PREVIOUS"] = 88, ["PAGE_UP"] = 92, ["PAGE_DOWN"] = 93, ["ESCAPE"] = 111,
        ["FORWARD_DEL"] = 112, ["MOVE_HOME"] = 122, ["MOVE_END"] = 123, ["VOLUME_MUTE"] = 164, ["APP_SWITCH"] = 187,
        ["SLEEP"] = 223, ["WAKEUP"] = 224,
    };
}
