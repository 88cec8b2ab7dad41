using System.Globalization;
using CloudPhone.PhoneSimulator.Android;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>Commands about the phone as a whole.</summary>
static class SystemCommands
{
    static readonly TimeSpan MaxSleep = TimeSpan.FromDays(1);

    public static Task<int> GetAsync(ShellContext shell, string[] args) => args switch
    {
        [] => shell.SayAsync(shell.Phone.Properties.All.Select(p => $"[{p.Key}]: [{p.Value}]")),
        [var name, .. var rest] => shell.SayAsync(
            shell.Phone.Properties[name] is { Length: > 0 } value ? value : rest.FirstOrDefault() ?? ""),
    };

    public static async Task<int> SetAsync(ShellContext shell, string[] args) =>
        args is [var name, var value] && shell.Phone.SetProperty(name, value) ? 0
            : await shell.FailAsync($"Failed to set property '{args.FirstOrDefault()}'.\nSee dmesg for error reason.");

    public static async Task<int> SettingsAsync(ShellContext shell, string[] args)
    {
        if (!shell.Phone.IsBooted)
            return await shell.FailAsync("cmd: Can't find service: settings", 20);
        return args switch
        {
            ["get", var space, var name] when AndroidSettings.IsSpace(space) =>
                await shell.SayAsync(shell.Phone.Settings[space, name] is { Length: > 0 } value ? value : "null"),
            ["put", var space, var name, var value] when shell.Phone.Settings.Set(space, name, value) => 0,
            _ => await shell.FailAsync("Invalid arguments: only get and put can be used here", 255),
        };
    }

    public static Task<int> DateAsync(ShellContext shell, string[] args)
    {
        var now = shell.Phone.Clock.GetUtcNow();
        return shell.SayAsync(args is ["+%s"] ? $"{now.ToUnixTimeSeconds()}"
            : now.ToString("ddd MMM d HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture));
    }

    public static Task<int> UptimeAsync(ShellContext shell, string[] args) =>
        shell.SayAsync($"up {shell.Phone.Uptime:d\\.hh\\:mm\\:ss}");

    public static async Task<int> SleepAsync(ShellContext shell, string[] args)
    {
        if (args is not [var text] || !double.TryParse(text, CultureInfo.InvariantCulture, out var seconds)
            || !(seconds >= 0 && seconds <= MaxSleep.TotalSeconds))
            return await shell.FailAsync("sleep: needs seconds");
        await Task.Delay(TimeSpan.FromSeconds(seconds), shell.Phone.Clock, shell.Closed);
        return 0;
    }

    public static Task<int> RebootAsync(ShellContext shell, string[] args)
    {
        if (args is ["-p"])
            shell.Phone.Shutdown();
        else
            shell.Phone.Reboot();
        return Task.FromResult(0);
    }

    /// <summary>What a health check asks: whether Android's own services are up.</summary>
    public static async Task<int> ServiceAsync(ShellContext shell, string[] args)
    {
        if (args is not ["check", var name])
            return await shell.FailAsync("service: only check can be used here", 10);
        var isThere = shell.Phone.IsBooted
            && name is "package" or "activity" or "window" or "input" or "battery"
                or "meminfo";
        return await shell.SayAsync($"Service {name}: {(isThere ? "found" : "not found")}");
    }
}
