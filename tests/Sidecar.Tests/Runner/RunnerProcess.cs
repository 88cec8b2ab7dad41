using System.Diagnostics;
using CloudPhone.Sidecar.Runner.Processes;

namespace CloudPhone.Sidecar.Tests.Runner;

/// <summary><c>sidecar run</c> as a process of its own, on a template in a temporary folder.</summary>
sealed class RunnerProcess : IAsyncDisposable
{
    readonly Process _process;
    readonly List<string> _lines = [], _errors = [];
    readonly Task _output;

    RunnerProcess(Process process)
    {
        _process = process;
        _output = Task.WhenAll(CollectAsync(process.StandardOutput, _lines),
            CollectAsync(process.StandardError, _errors));
    }

    public int Id => _process.Id;
    public IReadOnlyList<string> Lines => Copy(_lines);
    public IReadOnlyList<string> Errors => Copy(_errors);
    public bool HasExited => _process.HasExited;

    public static RunnerProcess Start(TemplateFolder folder, params string[] arguments) =>
        Start(folder, build: false, arguments);

    public static RunnerProcess Start(TemplateFolder folder, bool build, params string[] arguments)
    {
        // a test run in the background of a shell ignores Ctrl-C, and its children inherit that
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet"])
        {
            WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in (string[])[
            Path.Combine(AppContext.BaseDirectory, "sidecar.dll"), "run", "-f", folder.Path,
            .. build ? Array.Empty<string>() : ["--no-build"], .. arguments])
            start.ArgumentList.Add(argument);
        start.Environment.Remove("CLOUDPHONE_DATA");
        return new(Process.Start(start)!);
    }

    public Task WaitForLineAsync(string part) => Wait.UntilAsync(
        $"a line with '{part}'; there are: {string.Join(" / ", Lines.Concat(Errors))}",
        () => Lines.Concat(Errors).Any(l => l.Contains(part)) || (HasExited && Fail(part)), 60);

    public Task UntilReadyAsync() => WaitForLineAsync("Ctrl-C stops them");

    public void Signal(int signal) => Assert.True(Posix.Signal(Id, signal));

    public async Task<int> ExitAsync(double seconds = 30)
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(seconds));
        await _output.WaitAsync(TimeSpan.FromSeconds(seconds));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Posix.Signal(Id, Posix.Sigterm);
            await ExitAsync();
        }
        _process.Dispose();
    }

    bool Fail(string part)
    {
        _output.Wait(TimeSpan.FromSeconds(5));
        return Lines.Concat(Errors).Any(l => l.Contains(part)) ? true : throw new InvalidOperationException(
            $"the runner ended without saying '{part}', but: {string.Join(" / ", Lines.Concat(Errors))}");
    }

    static async Task CollectAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
            lock (lines)
                lines.Add(line);
    }

    static List<string> Copy(List<string> lines)
    {
        lock (lines)
            return [.. lines];
    }
}
