using CloudPhone.PhoneSimulator.Scrcpy;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <returns>The exit code.</returns>
delegate Task<int> Command(ShellContext shell, string[] args);

/// <summary>The programs of the phone.</summary>
static class CommandTable
{
    static readonly Dictionary<string, Command> Commands = new()
    {
        ["am"] = ActivityCommands.ManageAsync,
        ["app_process"] = ScrcpyServer.RunAsync,
        ["cat"] = FileReads.CatAsync,
        ["cd"] = FileReads.ChangeAsync,
        ["cmd"] = PackageCommands.CommandAsync,
        ["cp"] = FileChanges.CopyAsync,
        ["date"] = SystemCommands.DateAsync,
        ["df"] = FileReads.FreeAsync,
        ["dumpsys"] = ActivityCommands.DumpAsync,
        ["echo"] = TextCommands.EchoAsync,
        ["exec"] = TextCommands.ExecAsync,
        ["exit"] = TextCommands.ExitAsync,
        ["export"] = TextCommands.ExportAsync,
        ["false"] = (_, _) => Task.FromResult(1),
        ["getprop"] = SystemCommands.GetAsync,
        ["grep"] = TextCommands.GrepAsync,
        ["head"] = TextCommands.HeadAsync,
        ["id"] = (shell, _) => shell.SayAsync("uid=2000(shell) gid=2000(shell) groups=2000(shell)"),
        ["input"] = ScreenCommands.InputAsync,
        ["log"] = LogCommands.WriteAsync,
        ["logcat"] = LogCommands.ReadAsync,
        ["ls"] = FileReads.ListAsync,
        ["mkdir"] = FileChanges.MakeAsync,
        ["monkey"] = ActivityCommands.MonkeyAsync,
        ["mv"] = FileChanges.MoveAsync,
        ["pm"] = PackageCommands.ManageAsync,
        ["ps"] = ProcessCommands.ListAsync,
        ["pwd"] = (shell, _) => shell.SayAsync(shell.State.Directory),
        ["readlink"] = FileReads.LinkAsync,
        ["reboot"] = SystemCommands.RebootAsync,
        ["rm"] = FileChanges.RemoveAsync,
        ["rmdir"] = FileChanges.RemoveFolderAsync,
        ["screencap"] = ScreenCommands.CaptureAsync,
        ["service"] = SystemCommands.ServiceAsync,
        ["settings"] = SystemCommands.SettingsAsync,
        ["setprop"] = SystemCommands.SetAsync,
        ["sh"] = TextCommands.ShellAsync,
        ["sha256sum"] = FileReads.HashAsync,
        ["sleep"] = SystemCommands.SleepAsync,
        ["top"] = TopCommand.RunAsync,
        ["touch"] = FileChanges.TouchAsync,
        ["true"] = (_, _) => Task.FromResult(0),
        ["uname"] = (shell, _) => shell.SayAsync("Linux"),
        ["uptime"] = SystemCommands.UptimeAsync,
        ["wc"] = TextCommands.CountAsync,
        ["whoami"] = (shell, _) => shell.SayAsync("shell"),
        ["wm"] = ScreenCommands.WindowAsync,
    };

    /// <param name="name">With or without its folder.</param>
    public static Command? Find(string name) =>
        Commands.GetValueOrDefault(name.StartsWith("/system/bin/", StringComparison.Ordinal) ? name[12..] : name);
}
