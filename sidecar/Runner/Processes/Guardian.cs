using System.Diagnostics;
using System.Globalization;

namespace CloudPhone.Sidecar.Runner.Processes;

/// <summary>
/// Sees to it that no app outlives the runner, not even when the runner is killed: a shell that holds the other end of
/// a pipe.
/// It is told which processes there are; when the pipe closes without a word, it ends them. Closing happens in the
/// kernel
/// whatever became of the runner, and a shell is on every system that is not Windows.
/// </summary>
sealed class Guardian : IDisposable
{
    const string Script = """
        trap '' INT TERM HUP QUIT
        pids=
        while read -r word pid; do
          case $word in
            add) pids="$pids $pid" ;;
            remove) rest=; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids=$rest ;;
            done) exit 0 ;;
          esac
        done
        [ -n "$pids" ] || exit 0
        kill -TERM $pids
        tries=0
        while [ $tries -lt 30 ]; do
          alive=; for p in $pids; do kill -0 $p && alive=1; done
          [ -n "$alive" ] || break
          sleep 0.1
          tries=$((tries + 1))
        done
        for p in $pids; do kill -KILL -- -$p || kill -KILL $p; done
        """;

    readonly Process? _shell;
    readonly Lock _lock = new();

    public Guardian()
    {
        if (OperatingSystem.IsWindows())
            return;
        var start = new ProcessStartInfo { RedirectStandardInput = true, UseShellExecute = false };
        IReadOnlyList<string> command = ["/bin/sh", "-c", "exec >/dev/null 2>&1\n" + Script];
        if (Programs.Find("setsid", "/") is { } setsid)
            command = [setsid, .. command];
        start.FileName = command[0];
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        _shell = Process.Start(start);
    }

    public void Add(int pid) => Tell("add", pid);

    public void Remove(int pid) => Tell("remove", pid);

    public void Dispose()
    {
        Tell("done", 0);
        _shell?.Dispose();
    }

    void Tell(string word, int pid)
    {
        if (_shell is null)
            return;
        lock (_lock)
            try
            {
                _shell.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{word} {pid}"));
                _shell.StandardInput.Flush();
            }
            catch (IOException)
            {
                // Somebody killed the guardian; the runner still ends its apps itself.
            }
    }
}
