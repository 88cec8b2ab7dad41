using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CloudPhone.Testing;

/// <summary>
/// A service as a process of its own: what must be seen from outside, like its death. It ends with this process, unless
/// that is killed.
/// </summary>
public sealed partial class ServiceProcess : IAsyncDisposable
{
    static readonly ConcurrentDictionary<ServiceProcess, bool> Running = new();
    readonly Process _process;
    readonly ConcurrentQueue<string> _lines = new();

    static ServiceProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var service in Running.Keys.Where(s => !s._process.HasExited))
            service._process.Kill();
    };

    ServiceProcess(Process process) => _process = process;

    /// <summary>Resident bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>What it has written to standard output and standard error.</summary>
    public string Output => string.Join('\n', _lines);

    /// <typeparam name="TProgram">Any type of the service.</typeparam>
    public static ServiceProcess Start<TProgram>(params (string Name, string Value)[] settings) =>
        Start([typeof(TProgram).Assembly.Location], settings);

    /// <param name="arguments">The program's file and what it is told.</param>
    public static ServiceProcess Start(
        IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> settings)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var service = new ServiceProcess(new Process { StartInfo = start });
        DataReceivedEventHandler keep = (_, e) => service._lines.Enqueue(e.Data ?? "");
        service._process.OutputDataReceived += keep;
        service._process.ErrorDataReceived += keep;
        service._process.Start();
        Running[service] = true;
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        return service;
    }

    /// <summary>Where it listens, once it does.</summary>
    public async Task<Uri> AddressAsync()
    {
        Match? found = null;
        await Wait.UntilAsync("the service to listen", () =>
            !_process.HasExited ? (found = Listening().Match(Output)).Success
                : throw new InvalidOperationException($"It ended: {Output}"), 60);
        return new(found!.Groups[1].Value);
    }

    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: it gets to say nothing any more.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync();
    }

    [GeneratedRegex(@"Now listening on: (http\S+)")]
    private static partial Regex Listening();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        Running.TryRemove(this, out _);
        _process.Dispose();
    }
}
