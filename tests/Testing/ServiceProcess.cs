using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CloudPhone.Testing;

/// <summary>A service as a process of its own: what must be seen from outside, like its death.</summary>
public sealed partial class ServiceProcess : IAsyncDisposable
{
    readonly Process _process;
    readonly ConcurrentQueue<string> _lines = new();

    ServiceProcess(Process process) => _process = process;

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

    [GeneratedRegex(@"Now listening on: (http\S+)")]
    private static partial Regex Listening();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }
}
