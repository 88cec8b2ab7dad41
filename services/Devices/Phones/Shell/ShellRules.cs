using System.Text.RegularExpressions;

namespace CloudPhone.Devices.Phones.Shell;

/// <summary>
/// The commands that may be run in a phone, for operators too. Each is written as it is called, with placeholders for
/// what the caller chooses; none of those can begin with a dash, and all reach the phone in quotes.
/// </summary>
static partial class ShellRules
{
    /// <summary>What only looks.</summary>
    public static readonly string[] Reads =
    [
        "getprop", "getprop {property}",
        "pm list packages", "pm list packages -3", "pm list packages -s", "pm path {package}",
        "dumpsys battery", "dumpsys window", "dumpsys package {package}", "dumpsys meminfo {package}",
        "wm size", "wm density", "df", "df -h", "uptime", "date", "id", "uname", "uname -a", "ps -A", "top -b -n 1",
        "service check {service}", "settings get {namespace} {setting}",
    ];

    /// <summary>What changes something, and is written into the phone's history.</summary>
    public static readonly string[] Changes =
    [
        "am start -n {component}", "am start -a android.intent.action.VIEW -d {url}",
        "am start -a android.intent.action.MAIN -n {component}", "am force-stop {package}",
        "monkey -p {package} -c android.intent.category.LAUNCHER 1", "pm clear {package}",
        "pm grant {package} {permission}", "pm revoke {package} {permission}",
    ];

    /// <param name="changes">Whether it changes something.</param>
    public static bool IsAllowed(string command, IReadOnlyList<string> args, out bool changes)
    {
        changes = Array.Exists(Changes, r => Fits(r, command, args));
        return changes || Array.Exists(Reads, r => Fits(r, command, args));
    }

    static bool Fits(string rule, string command, IReadOnlyList<string> args)
    {
        var words = rule.Split(' ');
        return words[0] == command && words.Length == args.Count + 1
            && args.Select((a, i) => FitsWord(words[i + 1], a)).All(ok => ok);
    }

    static bool FitsWord(string word, string arg) => word switch
    {
        "{package}" => Package().IsMatch(arg),
        "{component}" => Component().IsMatch(arg),
        "{permission}" => Permission().IsMatch(arg),
        "{property}" => Property().IsMatch(arg),
        "{setting}" or "{service}" => Name().IsMatch(arg),
        "{namespace}" => arg is "system" or "secure" or "global",
        "{url}" => Url().IsMatch(arg),
        _ => word == arg,
    };

    // \z and not $, which would let a line break through
    [GeneratedRegex(@"\A(?=.{1,223}\z)[A-Za-z]\w*(\.[A-Za-z]\w*)+\z", RegexOptions.ECMAScript)]
    private static partial Regex Package();

    [GeneratedRegex(@"\A(?=.{1,400}\z)[A-Za-z]\w*(\.[A-Za-z]\w*)+/\.?[A-Za-z][\w$]*(\.[A-Za-z][\w$]*)*\z",
        RegexOptions.ECMAScript)]
    private static partial Regex Component();

    [GeneratedRegex(@"\A(?=.{1,200}\z)[A-Za-z]\w*(\.[A-Za-z]\w*)+\z", RegexOptions.ECMAScript)]
    private static partial Regex Permission();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_.\-]{0,127}\z")]
    private static partial Regex Property();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,63}\z")]
    private static partial Regex Name();

    /// <summary>Pages of the web: other schemes reach into apps and files.</summary>
    [GeneratedRegex(@"\Ahttps?://[A-Za-z0-9\[][!-~]{0,2000}\z")]
    private static partial Regex Url();
}
