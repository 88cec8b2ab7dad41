using System.Collections;
using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.CommandLine;

/// <summary>One sidecar for one app, with daprd's own flags and environment.</summary>
static class DaprdCommand
{
    public static Command Create()
    {
        var command = new Command("daprd", "Runs one sidecar for one app; takes the flags of daprd.");
        foreach (var flag in DaprdFlags.All)
            command.Options.Add(flag.Option);
        command.SetAction((parsed, ct) => RunAsync(Options(parsed, ProcessEnvironment()), ct));
        return command;
    }

    /// <exception cref="ConfigurationException">A flag's value is wrong.</exception>
    internal static SidecarOptions Options(ParseResult parsed, IReadOnlyDictionary<string, string> environment)
    {
        var options = new SidecarOptions
        {
            AppId = "",
            ApiToken = environment.GetValueOrDefault("DAPR_API_TOKEN"),
            AppApiToken = environment.GetValueOrDefault("APP_API_TOKEN"),
            Namespace = environment.GetValueOrDefault("NAMESPACE") is { Length: > 0 } n ? n : "default",
            Environment = environment,
        };
        foreach (var flag in DaprdFlags.All)
            if (parsed.GetResult(flag.Option) is { } given)
                options = given.Tokens.Count == 0
                    ? flag.Apply(options, "")
                    : given.Tokens.Aggregate(options, (o, token) => flag.Apply(o, token.Value));
        return options.AppId.Length > 0
            ? options : throw new ConfigurationException("--app-id is required: the id of the app.");
    }

    static async Task<int> RunAsync(SidecarOptions options, CancellationToken ct)
    {
        PreferInlineSockets();
        await using var neighbourhood = new SidecarNeighbourhood();
        options = options with { InternalGrpcPort = options.InternalGrpcPort ?? FreePort() };
        await using var sidecar = new SidecarServer(options, neighbourhood);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await sidecar.StartAsync(ct);
        await sidecar.Stopped;
        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            _ = sidecar.StopAsync();
        }
    }

    /// <summary>
    /// What waits for a socket goes on at the thread that saw the socket ready, which a call through two sidecars
    /// passes a dozen times. The runtime reads the variable at the first socket; somebody who set it has decided.
    /// </summary>
    static void PreferInlineSockets()
    {
        const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        if (Environment.GetEnvironmentVariable(Variable) is null)
            Environment.SetEnvironmentVariable(Variable, "1");
    }

    /// <summary>Chosen before the start: a registry must be told of it.</summary>
    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static Dictionary<string, string> ProcessEnvironment() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "");
}
