using System.Diagnostics;
using System.Globalization;
using CloudPhone.Sidecar.Runner.Logs;
using CloudPhone.Sidecar.Runner.Sidecars;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Processes;

/// <summary>
/// Keeps one app running: starts it, starts it again when it ends unasked, and ends it when the run ends.
/// </summary>
sealed class AppSupervisor(
    AppSpec app, IReadOnlyDictionary<string, string> environment, AppLogs logs, Guardian guardian,
    SidecarFleet sidecars, RunnerConsole console, TimeProvider clock) : IDisposable
{
    /// <summary>A life this long clears the count of restarts.</summary>
    static readonly TimeSpan GoodLife = TimeSpan.FromMinutes(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    /// <summary>After a life in which it was healthy: the start was of use.</summary>
    static readonly TimeSpan LongestPauseAfterHealth = TimeSpan.FromSeconds(2);
    readonly CancellationTokenSource _stopping = new();
    readonly Lock _lock = new();
    AppProcess? _process;
    volatile AppProcess? _healthy;
    Task _supervision = Task.CompletedTask;

    public AppSpec App => app;

    public int? ProcessId => _process?.Id;

    /// <summary>Where the app's log is, for messages.</summary>
    public string LogFolder => logs.Folder;

    /// <summary>
    /// The pause before the next start: 1 s, 2 s, 4 s … 30 s while starts are of no use, else 2 s at most.
    /// </summary>
    public static TimeSpan Pause(int restarts, bool wasHealthy) => TimeSpan.FromSeconds(Math.Min(
        Math.Pow(2, Math.Min(restarts, 10)), (wasHealthy ? LongestPauseAfterHealth : LongestPause).TotalSeconds));

    /// <summary>False: the run is ending, and nothing was started.</summary>
    public bool Start()
    {
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested)
                return false;
            if (app.Command.Count == 0)
                return true;
            _process = AppProcess.Start(app, environment, logs.App);
            guardian.Add(_process.Id);
            return true;
        }
    }

    /// <exception cref="RunException">It ended before it was ready, or is not ready in time.</exception>
    public async Task WaitUntilReadyAsync(TimeSpan timeout, CancellationToken ct)
    {
        var process = _process;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var ready = Readiness.WaitAsync(app, timeout, LogFolder, clock, ended.Token);
        if (process is not null && await Task.WhenAny(ready, process.Exited) == process.Exited && !ready.IsCompleted
            && !(app.AppPort is null && await process.Exited == 0))
        {
            await ended.CancelAsync();
            await ready.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None,
                TaskScheduler.Default);
            ct.ThrowIfCancellationRequested();
            throw new RunException($"{app.AppId} {How(await process.Exited)} before it was healthy"
                + (logs.LastLine is { Length: > 0 } last ? $"; its last words: {last}"
                    : $"; its logs are in {LogFolder}."));
        }
        await ready;
        _healthy = process;
    }

    /// <summary>From now on a crash is followed by a restart.</summary>
    public void Supervise(TimeSpan readyTimeout) => _supervision = SuperviseAsync(readyTimeout);

    public async Task StopAsync(TimeSpan grace)
    {
        AppProcess? process;
        lock (_lock)
        {
            _stopping.Cancel();
            process = _process;
        }
        await _supervision;
        if (process is null)
            return;
        process.Terminate();
        var ended = await Task.WhenAny(process.Exited, Task.Delay(grace, clock)) == process.Exited;
        if (!ended)
            console.Say($"{app.AppId} did not end within {Seconds(grace)} s; it is killed.");
        process.Kill();
        await process.Exited;
        guardian.Remove(process.Id);
    }

    /// <summary>No grace: for a second Ctrl-C.</summary>
    public void KillNow()
    {
        lock (_lock)
        {
            _stopping.Cancel();
            _process?.Kill();
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        logs.Dispose();
    }

    async Task SuperviseAsync(TimeSpan readyTimeout)
    {
        for (var restarts = 0; _process is { } process; restarts++)
        {
            var stopped = Task.Delay(Timeout.InfiniteTimeSpan, _stopping.Token);
            if (await Task.WhenAny(process.Exited, stopped) == stopped)
                return;
            guardian.Remove(process.Id);
            sidecars.AppEnded(app);
            var code = await process.Exited;
            if (code == 0 && app.AppPort is null)
            {
                console.Say($"{app.AppId} has finished.");
                return;
            }
            var lived = Stopwatch.GetElapsedTime(process.StartedAt);
            restarts = lived >= GoodLife ? 0 : restarts;
            var pause = Pause(restarts, wasHealthy: process == _healthy);
            console.Say($"{app.AppId} (pid {process.Id}) {How(code)} after {Seconds(lived)} s; "
                + $"it starts again in {Seconds(pause)} s (restart {restarts + 1}).");
            await Task.WhenAny(Task.Delay(pause, clock, _stopping.Token), stopped);
            try
            {
                if (!Start())
                    return;
            }
            catch (Exception e)
            {
                console.Complain($"{app.AppId} could not be started: {e.Message}");
                continue; // the process that ended stands for the one that never was
            }
            _ = TellWhenReadyAsync(_process!, readyTimeout);
        }
    }

    async Task TellWhenReadyAsync(AppProcess process, TimeSpan timeout)
    {
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            var ready = Readiness.WaitAsync(app, timeout, LogFolder, clock, end.Token);
            if (await Task.WhenAny(ready, process.Exited) == ready)
            {
                await ready;
                _healthy = process;
                console.Say($"{app.AppId} is healthy again (pid {process.Id}).");
            }
            await end.CancelAsync();
        }
        catch (RunException e)
        {
            console.Complain(e.Message);
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }
    }

    static string How(int code) => code > 128 && !OperatingSystem.IsWindows()
        ? $"was ended by signal {code - 128}" : $"ended with exit code {code}";

    static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
}
