using System.CommandLine;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Runner.Logs;
using CloudPhone.Sidecar.Runner.Processes;

namespace CloudPhone.Sidecar.Runner;

/// <summary><c>sidecar run</c>: the apps of a run template, each beside its sidecar.</summary>
static class RunCommand
{
    const string EmbeddedTemplate = "dapr-config/embedded/dapr.yaml";

    public static Command Create()
    {
        var template = new Option<string?>("--run-file", "-f")
        {
            Description = $"A run template, or a folder with dapr.yaml. Default: {EmbeddedTemplate} of the repository.",
        };
        var data = new Option<string?>("--data")
        {
            Description = "Where an embedded platform keeps its data. Default: CLOUDPHONE_DATA, then the template.",
        };
        var noBuild = new Option<bool>("--no-build") { Description = "Starts what is built already." };
        var timeout = new Option<int>("--ready-timeout")
        {
            Description = "Seconds that the apps may take to become healthy.",
            DefaultValueFactory = _ => 120,
        };
        var command = new Command("run", "Runs the apps of a run template, each beside its sidecar.")
        {
            template, data, noBuild, timeout,
        };
        command.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(template), parsed.GetValue(data), !parsed.GetValue(noBuild),
            TimeSpan.FromSeconds(parsed.GetValue(timeout))));
        return command;
    }

    static async Task<int> RunAsync(string? template, string? data, bool build, TimeSpan timeout)
    {
        var console = RunnerConsole.ForThisProcess();
        try
        {
            var settings = new RunSettings(template ?? FindEmbedded(), data, build, timeout);
            var run = new PlatformRun(settings, console, TimeProvider.System);
            using var signals = new StopSignals(() =>
            {
                run.Kill();
                Environment.Exit(130);
            });
            try
            {
                await run.RunAsync(signals.Token);
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                // Stopped before everything ran.
            }
            return 0;
        }
        catch (Exception e) when (e is ConfigurationException or RunException)
        {
            console.Complain(e.Message);
            return 1;
        }
    }

    /// <summary>
    /// Upwards of the working folder, else of this program: it lies in the repository that it was built in.
    /// </summary>
    static string FindEmbedded()
    {
        foreach (var start in (string[])[Directory.GetCurrentDirectory(), AppContext.BaseDirectory])
            for (var folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
                if (Path.Combine(folder, EmbeddedTemplate) is var file && File.Exists(file))
                    return file;
        throw new ConfigurationException(
            $"There is no {EmbeddedTemplate} above {Directory.GetCurrentDirectory()}; name a run template with -f.");
    }
}
