using CloudPhone.PhoneSimulator.Disk;
using CloudPhone.PhoneSimulator.Shell;

namespace CloudPhone.PhoneSimulator.Scrcpy;

/// <summary>
/// scrcpy's server, as its clients start it: <c>CLASSPATH=JAR app_process / com.genymobile.scrcpy.Server
/// 4.1 …</c>. What is in the jar does not matter; it must be there.
/// </summary>
static class ScrcpyServer
{
    /// <summary>github.com/Genymobile/scrcpy, tag v4.1 of 2026-07-12: client and server must be of the same.</summary>
    public const string Version = "4.1";

    const string Class = "com.genymobile.scrcpy.Server";

    public static async Task<int> RunAsync(ShellContext shell, string[] args)
    {
        // options of the runtime come before the folder
        var rest = args.SkipWhile(a => a.StartsWith('-')).ToArray();
        if (rest is not [_, Class, .. var own] || !IsThere(shell))
            return await shell.FailAsync($"Error: could not find or load main class {rest.ElementAtOrDefault(1)}");
        ScrcpyOptions options;
        try
        {
            options = ScrcpyOptions.Parse(own);
        }
        catch (ScrcpyOptionException e)
        {
            return await FailAsync(shell, e.Message);
        }
        var phone = shell.Phone;
        if (!phone.IsBooted)
            return await FailAsync(shell, "Could not get the display: Android is not up");
        await shell.SayAsync($"[server] INFO: Device: [{phone.Properties["ro.product.manufacturer"]}] "
            + $"{phone.Properties["ro.product.brand"]} {phone.Properties["ro.product.model"]} "
            + $"(Android {phone.Properties["ro.build.version.release"]})");
        if (!options.TunnelForward)
            return await FailAsync(shell, "Connection refused: this phone does not do reverse tunnels");
        using var listener = phone.Sockets.Listen(options.SocketName);
        if (listener is null)
            return await FailAsync(shell, "Address already in use");
        return await new ScrcpySession(phone, options).RunAsync(listener, shell.Closed) is { } failure
            ? await FailAsync(shell, failure) : 0;
    }

    static bool IsThere(ShellContext shell)
    {
        try
        {
            return shell.State.Variables.GetValueOrDefault("CLASSPATH") is { Length: > 0 } jar
                && shell.Disk.Find(shell.Resolve(jar)) is { IsFolder: false };
        }
        catch (DiskException)
        {
            return false;
        }
    }

    static Task<int> FailAsync(ShellContext shell, string message) => shell.FailAsync($"[server] ERROR: {message}");
}
