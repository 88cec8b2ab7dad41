using System.Diagnostics;
using CloudPhone.Contracts;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Running;

/// <summary>
/// One runner with its sidecars and eight services as processes, on free ports: what one machine of the platform runs.
/// </summary>
/// <param name="variables">What the shell that starts it has.</param>
/// <param name="keep">Takes each line that it prints.</param>
sealed class Replica(IReadOnlyDictionary<string, string> variables, Action<string?> keep) : IDisposable
{
    static readonly string[] AppOrder =
        [AppIds.Gateway, AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler, AppIds.Billing,
            AppIds.Notifications, AppIds.Media];

    readonly Dictionary<int, int> _ports = [];
    Process? _runner;
    volatile bool _isHealthy;

    public string Folder { get; } = Directory.CreateTempSubdirectory("cloudphone-platform-").FullName;

    /// <summary>Where its databases are, where it has them for itself, and its secrets.</summary>
    public string Data => Path.Combine(Folder, "data");

    public int RunnerPid => _runner!.Id;

    public Uri AddressOf(string appId) => new($"http://127.0.0.1:{PortOf(30000 + Array.IndexOf(AppOrder, appId))}");

    public Uri SidecarOf(string appId) => new($"http://127.0.0.1:{PortOf(31000 + Array.IndexOf(AppOrder, appId))}");

    public void WriteTemplate(bool onServers, IReadOnlyDictionary<string, string> environment) =>
        RunTemplate.Write(Folder, onServers, PortOf, Data, environment);

    /// <summary>Starts on the data that is there, and waits until all are healthy.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder,
        };
        var sidecar = Path.Combine(Repository.Root, "sidecar", "bin", "Debug", "net10.0", "sidecar.dll");
        foreach (var argument in new[] { sidecar, "run", "-f", Folder, "--no-build" })
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        _isHealthy = false;
        _runner = Process.Start(start)!;
        _runner.OutputDataReceived += (_, e) => Read(e.Data);
        _runner.ErrorDataReceived += (_, e) => Read(e.Data);
        _runner.BeginOutputReadLine();
        _runner.BeginErrorReadLine();
        await Wait.UntilAsync("the platform to be healthy", () => _runner.HasExited
            ? throw new InvalidOperationException($"The platform ended with {_runner.ExitCode}.") : _isHealthy, 180);
    }

    void Read(string? line)
    {
        keep(line);
        if (line?.Contains("are healthy", StringComparison.Ordinal) == true)
            _isHealthy = true;
    }

    /// <summary>A service's process now; it has another one after a crash.</summary>
    public int? PidOf(string appId) =>
        Processes.WithEnvironment($"APP_ID={appId}").FirstOrDefault(
            pid => Processes.WithEnvironment($"CLOUDPHONE_DATA={Data}").Contains(pid)
                && Processes.CommandLine(pid).Contains("CloudPhone.", StringComparison.Ordinal)
                && !Processes.CommandLine(pid)
                    .Contains("PhoneSimulator", StringComparison.Ordinal)) is var found and > 0 ? found : null;

    /// <summary>As the kernel does when memory runs out: it can say nothing to anybody.</summary>
    public void KillRunner() => Processes.Send(RunnerPid, Processes.Kill);

    /// <summary>Ctrl-C, as a terminal sends it to the runner alone.</summary>
    public async Task StopAsync()
    {
        if (_runner is null || _runner.HasExited)
            return;
        Processes.Send(_runner.Id, Processes.Terminate);
        await _runner.WaitForExitAsync();
    }

    /// <summary>What still runs of its services.</summary>
    public IReadOnlyList<int> Left() => Processes.WithEnvironment($"CLOUDPHONE_DATA={Data}");

    int PortOf(int usual) =>
        _ports.TryGetValue(usual, out var port) ? port : _ports[usual] = FreePort.Next();

    public void Dispose()
    {
        _runner?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
