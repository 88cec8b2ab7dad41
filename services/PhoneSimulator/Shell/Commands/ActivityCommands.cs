namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>am, monkey and dumpsys: apps that run.</summary>
static class ActivityCommands
{
    static readonly string[] WithValue = ["-n", "-p", "-a", "-d", "-c", "-t", "-f", "--user"];

    public static async Task<int> ManageAsync(ShellContext shell, string[] args)
    {
        if (!shell.Phone.IsBooted)
            return await shell.FailAsync("cmd: Can't find service: activity", 20);
        switch (args)
        {
            case ["start" or "start-activity", .. var intent]:
                return await StartAsync(shell, intent);
            case ["force-stop", var package]:
                shell.Phone.Screen.Close(package);
                return 0;
            default:
                return await shell.FailAsync("am: only start and force-stop can be used here", 255);
        }
    }

    /// <summary>As launchers of tests use it: <c>monkey -p PACKAGE 1</c>.</summary>
    public static async Task<int> MonkeyAsync(ShellContext shell, string[] args)
    {
        var package = ValueOf(args, "-p");
        return package is not null && shell.Phone.IsBooted && shell.Phone.Screen.Open(package)
            ? await shell.SayAsync("Events injected: 1")
            : await shell.FailAsync("** No activities found to run, monkey aborted.", 252);
    }

    public static Task<int> DumpAsync(ShellContext shell, string[] args) => args switch
    {
        _ when !shell.Phone.IsBooted => shell.FailAsync($"Can't find service: {args.FirstOrDefault()}"),
        ["battery", ..] => shell.SayAsync([
            "Current Battery Service state:", "  AC powered: true", "  USB powered: false", "  status: 2",
            "  health: 2", "  present: true", "  level: 100", "  scale: 100", "  voltage: 4200", "  temperature: 250",
            "  technology: Li-ion"]),
        ["window", "displays"] => shell.SayAsync($"    init={Size(shell.Phone.Screen.Built)} "
            + $"{shell.Phone.Properties["ro.sf.lcd_density"]}dpi cur="
            + $"{Size((shell.Phone.Screen.Width, shell.Phone.Screen.Height))} app={Size(shell.Phone.Screen.Built)}"),
        ["window", ..] => shell.SayAsync($"  mCurrentFocus=Window{{1 u0 {Focus(shell)}}}"),
        ["package", var name] => shell.Phone.Find(name) is { } p ? shell.SayAsync([
                "Packages:", $"  Package [{name}]:", $"    userId={10_000 + p.AppId}",
                $"    versionCode={p.VersionCode}", $"    versionName={p.Version}", .. PermissionCommands.Dump(p)])
            : shell.SayAsync($"Unable to find package: {name}"),
        ["meminfo", .. var rest] => MemoryDump.RunAsync(shell, rest),
        _ => shell.FailAsync($"Can't find service: {args.FirstOrDefault()}"),
    };

    static string Size((int Width, int Height) size) => $"{size.Width}x{size.Height}";

    static string Focus(ShellContext shell) =>
        shell.Phone.Screen.App is { } app ? $"{app}/{app}.Main" : "com.android.launcher/com.android.launcher.Home";

    static async Task<int> StartAsync(ShellContext shell, string[] intent)
    {
        var component = ValueOf(intent, "-n") ?? ValueOf(intent, "-p") ?? Positional(intent);
        if (component is null)
            return await shell.FailAsync("Error: Activity not started, unable to resolve Intent");
        await shell.SayAsync($"Starting: Intent {{ cmp={component} }}");
        var package = component.Split('/')[0];
        if (!shell.Phone.Screen.Open(package))
            return await shell.FailAsync(
                $"Error type 3\nError: Activity class {{{component}}} does not exist.");
        shell.Phone.Log.Write("ActivityTaskManager", $"START {package}");
        return 0;
    }

    static string? ValueOf(string[] args, string option) =>
        Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    static string? Positional(string[] args) =>
        args.Where((a, i) => !a.StartsWith('-') && (i == 0 || !WithValue.Contains(args[i - 1]))).LastOrDefault();
}
