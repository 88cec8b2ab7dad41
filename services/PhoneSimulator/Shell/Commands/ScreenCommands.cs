using System.Globalization;
using CloudPhone.PhoneSimulator.Screen;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>Commands that look at the screen and touch it.</summary>
static class ScreenCommands
{
    static readonly Dictionary<string, int> Keys = new()
    {
        ["HOME"] = 3, ["BACK"] = 4, ["ENTER"] = 66, ["DEL"] = 67, ["POWER"] = 26, ["MENU"] = 82, ["APP_SWITCH"] = 187,
        ["VOLUME_UP"] = 24, ["VOLUME_DOWN"] = 25, ["TAB"] = 61, ["SPACE"] = 62, ["WAKEUP"] = 224, ["SLEEP"] = 223,
    };

    public static async Task<int> CaptureAsync(ShellContext shell, string[] args)
    {
        var file = Options.Of(args).Rest.FirstOrDefault();
        if (file is null && !args.Contains("-p"))
            return await shell.FailAsync("screencap: only -p, a PNG, can be had here");
        var png = Png.Write(shell.Phone.Screen.Draw());
        if (file is null)
        {
            await shell.Out.WriteAsync(png, shell.Closed);
            return 0;
        }
        return await FileReads.EachAsync("screencap", shell, [file], async path =>
        {
            await using var target = shell.Disk.Create(path);
            await target.WriteAsync(png, shell.Closed);
            await target.KeepAsync();
        });
    }

    public static async Task<int> InputAsync(ShellContext shell, string[] args)
    {
        var screen = shell.Phone.Screen;
        if (!shell.Phone.IsBooted)
            return await shell.FailAsync("cmd: Can't find service: input", 20);
        switch (args)
        {
            case ["tap", var x, var y] when Number(x) is { } tapX && Number(y) is { } tapY:
                screen.Touch(tapX, tapY);
                break;
            case ["swipe", var x1, var y1, var x2, var y2, ..]
                when Number(x1) is not null && Number(y1) is not null && Number(x2) is { } x && Number(y2) is { } y:
                screen.Swipe(x, y);
                break;
            case ["text", var text]:
                screen.Type(text.Replace("%s", " ", StringComparison.Ordinal));
                break;
            case ["keyevent", .. var keys] when keys.Length > 0 && keys.All(k => Key(k) is not null):
                foreach (var key in keys)
                    screen.Press(Key(key)!.Value);
                break;
            default:
                return await shell.FailAsync(
                    "Error: Invalid arguments.\nUsage: input tap X Y | swipe X1 Y1 X2 Y2 [MS] | text T | keyevent KEY");
        }
        shell.Phone.Log.Write("input", string.Join(' ', args[..1]));
        return 0;
    }

    public static Task<int> WindowAsync(ShellContext shell, string[] args) => args switch
    {
        ["size"] => shell.SayAsync(
            $"Physical size: {shell.Phone.Screen.Built.Width}x{shell.Phone.Screen.Built.Height}"),
        ["density"] => shell.SayAsync($"Physical density: {shell.Phone.Properties["ro.sf.lcd_density"]}"),
        _ => shell.FailAsync("wm: only size and density can be asked here", 255),
    };

    static int? Number(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var n) && Math.Abs(n) < 100_000 ? (int)n : null;

    static int? Key(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n
        : Keys.TryGetValue(text.Replace("KEYCODE_", "", StringComparison.Ordinal), out var key) ? key : null;
}
