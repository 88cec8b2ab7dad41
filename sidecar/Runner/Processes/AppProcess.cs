using System.Diagnostics;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Processes;

/// <summary>
/// One life of an app: a child process in a session of its own, so that Ctrl-C on the terminal reaches the runner alone
/// and
/// the runner decides who stops when. The process id is that of its process group too.
/// </summary>
sealed class AppProcess
{
    static readonly string? Setsid = OperatingSystem.IsWindows() ? null : Programs.Find("setsid", "/");
    readonly Process _process;
    readonly Task _output;

    AppProcess(Process process, Action<string> line)
    {
        _process = process;
        Id = process.Id;
        StartedAt = Stopwatch.GetTimestamp();
        process.StandardInput.Close();
        _output = Task.WhenAll(PumpAsync(process.StandardOutput, line), PumpAsync(process.StandardError, line));
        Exited = WaitAsync();
    }

    public int Id { get; }
    public long StartedAt { get; }

    /// <summary>The exit code; 128 and more: ended by the signal of that number less 128.</summary>
    public Task<int> Exited { get; }

    public static AppProcess Start(
        AppSpec app, IEnumerable<KeyValuePair<string, string>> environment, Action<string> line)
    {
        var start = new ProcessStartInfo
        {
            WorkingDirectory = app.Folder, UseShellExecute = false,
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // A program named by a relative path is one of the app's folder; .NET alone would look beside the runner.
        IReadOnlyList<string> command = OperatingSystem.IsWindows()
            ? [Programs.Find(app.Command[0], app.Folder) ?? app.Command[0], .. app.Command.Skip(1)]
            : Setsid is not null ? [Setsid, .. app.Command] : ["/bin/sh", "-c", "exec \"$@\"", "sh", .. app.Command];
        start.FileName = command[0];
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        SocketThreads.KeepFrom(start.Environment);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new(Process.Start(start)!, line);
    }

    /// <summary>Asks it to end.</summary>
    public void Terminate()
    {
        if (OperatingSystem.IsWindows())
            Kill();
        else if (!Exited.IsCompleted)
            Posix.Signal(Id, Posix.Sigterm);
    }

    /// <summary>Ends it at once, with what it has started and left in its group.</summary>
    public void Kill()
    {
        if (OperatingSystem.IsWindows() && !Exited.IsCompleted)
            _process.Kill(entireProcessTree: true);
        else if (!OperatingSystem.IsWindows() && (Setsid is null || !Posix.Signal(-Id, Posix.Sigkill))
            && !Exited.IsCompleted)
            Posix.Signal(Id, Posix.Sigkill);
    }

    static async Task PumpAsync(StreamReader reader, Action<string> line)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } text)
                line(text);
        }
        catch (IOException)
        {
            // The pipe is gone with its process.
        }
    }

    async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        // Its last lines; a grandchild that keeps the pipe open is not waited for.
        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromMilliseconds(500)));
        return _process.ExitCode;
    }
}
