using CloudPhone.Adb;
using CloudPhone.Adb.Shell;

namespace CloudPhone.Scrcpy;

/// <summary>The server's process on the phone, and what it says. It ends with its sockets, or when its shell is
/// closed.</summary>
sealed class ScrcpyServer(AdbStream shell)
{
    /// <summary>Client and server must be of the same: github.com/Genymobile/scrcpy, tag v4.1.</summary>
    public const string Version = "4.1";

    readonly ServerOutput _said = new();

    /// <summary>Its last words, why it failed first; empty where it has said nothing.</summary>
    public string Words => _said.Reason;

    /// <exception cref="AdbException">The phone can't run anything.</exception>
    public static async Task<ScrcpyServer> StartAsync(
        AdbConnection phone, ScrcpyServerFile file, string arguments, CancellationToken ct)
    {
        // exec: adbd hangs up on the process that it has started, which must be the server itself
        var stream = await phone.OpenAsync($"shell,v2,raw:CLASSPATH={file.Path} exec app_process / "
            + $"com.genymobile.scrcpy.Server {Version} {arguments}", ct) ?? throw AdbException.Gone();
        stream.MayBeSilent = true;
        return new(stream);
    }

    /// <returns>Its exit code.</returns>
    /// <exception cref="AdbException">The connection broke.</exception>
    public async Task<int> RunAsync(CancellationToken ct)
    {
        var reader = new ShellReader(shell);
        var buffer = new byte[1024];
        while (true)
        {
            var (part, n) = await reader.ReadAsync(buffer, ct);
            if (part == ShellPart.Exit)
                return buffer[0];
            _said.Add(buffer.AsSpan(0, n));
        }
    }

    /// <summary>Not while it is read.</summary>
    public ValueTask DisposeAsync() => shell.DisposeAsync();
}
