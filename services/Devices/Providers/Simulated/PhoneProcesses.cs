using System.Collections.Concurrent;
using System.Diagnostics;

namespace CloudPhone.Devices.Providers.Simulated;

/// <summary>Starts the processes of simulated phones, which live on when this service dies, and ends those that don't
/// listen.</summary>
sealed class PhoneProcesses(DeviceOptions options)
{
    static readonly TimeSpan ClockDoubt = TimeSpan.FromSeconds(1);
    /// <summary>For so long it is looked how much CPU a phone uses.</summary>
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "CloudPhone.PhoneSimulator.dll");
    readonly ConcurrentDictionary<Guid, Process> _own = new();

    /// <exception cref="ProviderException">No process could be started.</exception>
    public void Start(Guid id, string folder, PhoneLook look)
    {
        var info = new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Program, "--folder", folder])
        {
            WorkingDirectory = folder, UseShellExecute = false,
            // a phone that held this service's own streams would keep whoever reads them waiting
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        Prepare(info.Environment, look);
        try
        {
            var process = Process.Start(info)!;
            process.StandardInput.Dispose();
            process.StandardOutput.Dispose();
            process.StandardError.Dispose();
            if (_own.TryRemove(id, out var before))
                before.Dispose();
            _own[id] = process;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ProviderException("The phone's process could not be started.", e);
        }
    }

    /// <summary>A phone needs none of this service's secrets, and less memory than it.</summary>
    void Prepare(IDictionary<string, string?> environment, PhoneLook look)
    {
        foreach (var name in environment.Keys.Where(k => !IsForPhones(k)).ToList())
            environment.Remove(name);
        environment["PHONE_BOOT_SECONDS"] = $"{options.PhoneBootSeconds}";
        environment["PHONE_SCREEN"] = $"{look.Width}x{look.Height}";
        environment["PHONE_DPI"] = $"{look.Dpi}";
        environment["PHONE_ANDROID"] = $"{look.AndroidVersion}";
        environment["DOTNET_EnableDiagnostics"] = "0";
        if (options.RunnerPid is { Length: > 0 } runner)
            environment["CLOUDPHONE_RUNNER_PID"] = runner;
    }

    static bool IsForPhones(string name) =>
        name is "PATH" or "HOME" or "TMPDIR" or "TZ" or "SystemRoot" or "TEMP"
            || name.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase);

    /// <summary>True from the start on, when the process has not even taken its lock.</summary>
    public bool IsOwnAlive(Guid id)
    {
        if (!_own.TryGetValue(id, out var process))
            return false;
        try
        {
            if (!process.HasExited)
                return true;
        }
        catch (InvalidOperationException)
        {
            return false; // somebody else found its end at the same time
        }
        if (_own.TryRemove(new(id, process)))
            process.Dispose();
        return false;
    }

    /// <summary>Ends by force what this service has started, or what surely is the phone of <paramref
    /// name="run"/>.</summary>
    public void Kill(Guid id, PhoneRun? run)
    {
        if (IsOwnAlive(id) && _own.TryGetValue(id, out var own))
            own.Kill();
        else if (run is not null && Find(run) is { } process)
            using (process)
                process.Kill();
    }

    /// <returns>Null: it has ended.</returns>
    public static async Task<PhoneStats?> StatsAsync(PhoneRun run, CancellationToken ct)
    {
        using var process = Find(run);
        if (process is null)
            return null;
        try
        {
            var (before, start) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
            await Task.Delay(Look, ct);
            process.Refresh();
            var used = (process.TotalProcessorTime - before) / Stopwatch.GetElapsedTime(start);
            return new(Math.Round(used * 100, 1), process.WorkingSet64);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    static Process? Find(PhoneRun run)
    {
        try
        {
            var process = Process.GetProcessById(run.Pid);
            if ((process.StartTime.ToUniversalTime() - run.StartedAt.UtcDateTime).Duration() <= ClockDoubt)
                return process;
            process.Dispose();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
        }
        return null;
    }
}
