using System.Collections;
using System.Globalization;
using CloudPhone.Sidecar.Runner.Data;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Processes;

/// <summary>The environments of sidecars and apps.</summary>
static class ChildEnvironment
{
    /// <summary>
    /// The runner's own with what the data folder adds; as with the Dapr CLI, a template's entries are for the apps
    /// only.
    /// </summary>
    public static IReadOnlyDictionary<string, string> OfSidecars(IReadOnlyDictionary<string, string> data)
    {
        var all = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "");
        all.TryAdd("DAPR_HOST_IP", "127.0.0.1");
        foreach (var (name, value) in data)
            all[name] = value;
        return all;
    }

    /// <summary>What an app is told beside the runner's own environment; later entries win.</summary>
    public static Dictionary<string, string> OfApp(AppSpec app, IReadOnlyDictionary<string, string> data)
    {
        var all = new Dictionary<string, string>(data)
        {
            ["APP_ID"] = app.AppId,
            ["APP_CHANNEL_ADDRESS"] = app.AppChannelAddress ?? "",
            ["APP_PROTOCOL"] = "http",
            // what an app starts for itself, like simulated phones, can end when this process does
            ["CLOUDPHONE_RUNNER_PID"] = Text(Environment.ProcessId),
            ["DAPR_HTTP_PORT"] = Text(app.HttpPort!.Value),
            ["DAPR_GRPC_PORT"] = Text(app.GrpcPort!.Value),
            ["DAPR_METRICS_PORT"] = Text(app.MetricsPort!.Value),
        };
        if (app.AppPort is { } port)
            all["APP_PORT"] = Text(port);
        foreach (var (name, value) in app.Settings.Environment)
            if (name != DataFolder.Variable || !data.ContainsKey(name))
                all[name] = value;
        return all;
    }

    static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
