using CloudPhone.PhoneSimulator.Android;

namespace CloudPhone.PhoneSimulator.Shell.Commands;

/// <summary>pm clear, grant and revoke: what an app has beside itself.</summary>
static class PermissionCommands
{
    const int Thrown = 255;

    public static async Task<int> ClearAsync(ShellContext shell, string[] args)
    {
        if (WithoutUser(args) is not [var name, ..])
            return await shell.FailAsync("Error: no package specified");
        if (shell.Phone.Find(name) is null)
        {
            await shell.SayAsync("Failed");
            return 1;
        }
        shell.Phone.Screen.Close(name);
        shell.Phone.Reset(name);
        foreach (var folder in new[] { "data", "media", "obb" })
        {
            var path = $"/sdcard/Android/{folder}/{name}";
            if (shell.Disk.Find(path) is not null)
                shell.Disk.Delete(path, recursive: true);
        }
        return await shell.SayAsync("Success");
    }

    /// <summary>As Android does, with a package that is not there it does nothing and only its log says so.</summary>
    public static async Task<int> ChangeAsync(ShellContext shell, string[] args, bool isGranted)
    {
        if (WithoutUser(args) is not [var name, .. var rest])
            return await shell.FailAsync("Error: no package specified");
        if (rest is not [var permission, ..])
            return await shell.FailAsync("Error: no permission specified");
        if (shell.Phone.Find(name) is not { } app)
        {
            shell.Phone.Log.Write("PermissionManager", $"Unknown package: {name}", 'E');
            return 0;
        }
        if (Refusal(app, permission) is { } refusal)
            return await shell.FailAsync(
                $"\nException occurred while executing '{(isGranted ? "grant" : "revoke")}':\n{refusal}", Thrown);
        // an app that loses what it was granted is ended, so that it asks anew
        if (shell.Phone.Grant(name, permission, isGranted) && !isGranted && Permissions.IsRuntime(permission))
            shell.Phone.Screen.Close(name);
        return 0;
    }

    static string? Refusal(InstalledPackage app, string permission) =>
        !Permissions.IsKnown(permission, app)
            ? $"java.lang.IllegalArgumentException: Unknown permission: {permission}"
        : !Permissions.IsChangeable(permission)
            ? $"java.lang.SecurityException: Permission {permission} requested by {app.PackageName} "
                + "is not a changeable permission type"
        : !app.Requested.Contains(permission)
            ? $"java.lang.SecurityException: Package {app.PackageName} has not requested permission {permission}"
        : null;

    /// <summary>There is one.</summary>
    static string[] WithoutUser(string[] args) => args is ["--user", _, .. var rest] ? rest : args;

    /// <summary>The part of <c>dumpsys package</c>.</summary>
    public static IEnumerable<string> Dump(InstalledPackage app)
    {
        var changeable = app.Requested.Where(Permissions.IsChangeable).ToLookup(Permissions.IsRuntime);
        return
        [
            .. Section("    requested permissions:", app.Requested.Select(p => $"      {p}")),
            .. Section("    install permissions:", app.Requested.Where(Permissions.IsNormal)
                .Select(p => $"      {p}: granted=true")
                .Concat(changeable[false].Select(p => $"      {p}: granted={Word(app.Has(p))}"))),
            "    User 0: installed=true hidden=false suspended=false stopped=false enabled=0",
            .. Section("      runtime permissions:", changeable[true].Select(p =>
                $"        {p}: granted={Word(app.Has(p))}, flags=[ ]")),
        ];
    }

    static string Word(bool value) => value ? "true" : "false";

    static IEnumerable<string> Section(string title, IEnumerable<string> lines) =>
        lines.Any() ? lines.Prepend(title) : [];
}
