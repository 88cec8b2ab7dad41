using System.Diagnostics;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Runner.Build;
using CloudPhone.Sidecar.Runner.Data;
using CloudPhone.Sidecar.Runner.Logs;
using CloudPhone.Sidecar.Runner.Processes;
using CloudPhone.Sidecar.Runner.Sidecars;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner;

/// <param name="TemplatePath">A run template or its folder.</param>
/// <param name="DataPath">Null: where the template says.</param>
/// <param name="ReadyTimeout">How long the apps may take to become healthy.</param>
sealed record RunSettings(string TemplatePath, string? DataPath, bool Build, TimeSpan ReadyTimeout);

/// <summary>One run of a template, from build to the last process.</summary>
sealed class PlatformRun(RunSettings settings, RunnerConsole console, TimeProvider clock)
{
    /// <summary>Between SIGTERM and SIGKILL: longer than the 20 s that a service gives the requests in hand.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(25);
    readonly List<AppSupervisor> _apps = [];

    /// <summary>Runs until the token fires, and returns when everything has stopped.</summary>
    /// <exception cref="ConfigurationException">The template, a resource, the build or the data folder is
    /// wrong.</exception>
    /// <exception cref="RunException">A port is taken, an app does not become healthy.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var template = RunTemplateReader.Read(settings.TemplatePath);
        using var data = DataFolder.Open(template, settings.DataPath);
        if (settings.Build)
        {
            await PortPlan.CheckAsync(template, console, stop);
            await new SolutionBuild(template, console).RunAsync(stop);
        }
        CommandCheck.Run(template);
        var apps = await PortPlan.AssignAsync(template, console, stop);

        using var guardian = new Guardian();
        await using var sidecars = new SidecarFleet();
        try
        {
            await StartAsync(apps, data, guardian, sidecars, stop);
            console.Say("");
            console.Say(StatusTable.Of(_apps));
            console.Say("");
            console.Say($"{_apps.Count} apps of {template.Name} are healthy after {watch.Elapsed.TotalSeconds:0.0} s. "
                + "Ctrl-C stops them." + (data is null ? "" : $" Data: {data.Path}"));
            await Task.Delay(Timeout.InfiniteTimeSpan, stop).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        finally
        {
            await StopAsync(sidecars);
        }
    }

    /// <summary>Ends every app at once.</summary>
    public void Kill()
    {
        lock (_apps)
            foreach (var app in _apps)
                app.KillNow();
    }

    async Task StartAsync(
        IReadOnlyList<AppSpec> apps, DataFolder? data, Guardian guardian, SidecarFleet sidecars, CancellationToken stop)
    {
        console.Say($"Starting {apps.Count} sidecars and apps ...");
        var extra = data?.Environment ?? new Dictionary<string, string>();
        var width = apps.Max(a => a.AppId.Length);
        var logs = apps.Select((app, i) => (app.AppId, Logs: new AppLogs(
            app, line => console.AppLine(app.AppId, i, width, line), clock.GetUtcNow())))
                .ToDictionary(l => l.AppId, l => l.Logs);
        lock (_apps)
            _apps.AddRange(apps.Select(a => new AppSupervisor(
                a, ChildEnvironment.OfApp(a, extra), logs[a.AppId], guardian, sidecars, console, clock)));
        await sidecars.StartAsync(apps, ChildEnvironment.OfSidecars(extra), a => logs[a.AppId], stop);
        foreach (var app in _apps)
            app.Start();
        await WhenAllReadyAsync(stop);
        foreach (var app in _apps)
            app.Supervise(settings.ReadyTimeout);
    }

    /// <summary>The first app that fails ends the wait for the others.</summary>
    async Task WhenAllReadyAsync(CancellationToken stop)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var waits = _apps.Select(a => a.WaitUntilReadyAsync(settings.ReadyTimeout, failed.Token)).ToList();
        await foreach (var wait in Task.WhenEach(waits))
            if (!wait.IsCompletedSuccessfully)
            {
                await failed.CancelAsync();
                await wait;
            }
    }

    /// <summary>Apps first: what they still have to say goes through their sidecars.</summary>
    async Task StopAsync(SidecarFleet sidecars)
    {
        var started = _apps.Any(a => a.ProcessId is not null);
        if (started)
            console.Say($"Stopping {_apps.Count} apps ...");
        await Task.WhenAll(_apps.Select(a => a.StopAsync(Grace)));
        await sidecars.DisposeAsync();
        foreach (var app in _apps)
            app.Dispose();
        if (started)
            console.Say("Everything has stopped.");
    }
}
