using CloudPhone.Sidecar.Hosting;
using static CloudPhone.Sidecar.CommandLine.FlagValues;

namespace CloudPhone.Sidecar.CommandLine;

/// <summary>The flags of daprd.</summary>
static class DaprdFlags
{
    const string NoMtls = "there is no mTLS between its sidecars", NoKubernetes = "it runs outside Kubernetes only";
    const string OwnActors = "actors and reminders live in the sidecar itself";

    public static IReadOnlyList<Flag> All { get; } =
    [
        Text("app-id", "The app's id, by which others call it.", (o, v) => o with { AppId = v }),
        Port("app-port", "The app's port.", (o, v) => o with { AppPort = v }),
        Text("app-channel-address", "The app's address.", (o, v) => o with { AppChannelAddress = v }),
        Int("app-max-concurrency", "Most calls to the app at once; -1: no limit.",
            (o, v) => o with { AppMaxConcurrency = v }),
        Port("dapr-http-port", "Port of the HTTP API.", (o, v) => o with { HttpPort = v ?? o.HttpPort }),
        Port("dapr-grpc-port", "Port of the gRPC API.", (o, v) => o with { GrpcPort = v ?? o.GrpcPort }),
        Port("dapr-internal-grpc-port", "Port for other sidecars.", (o, v) => o with { InternalGrpcPort = v }),
        Text("dapr-internal-grpc-listen-address", "Where to listen for other sidecars.",
            (o, v) => o with { InternalListenAddress = v }),
        Text("dapr-listen-addresses", "Where the APIs listen, separated by commas; empty: everywhere.",
            (o, v) => o with { ListenAddresses = Words(v) }),
        Text("resources-path", "A folder of resources; may be given several times.",
            (o, v) => o with { ResourcesPaths = [.. o.ResourcesPaths, v] }),
        Text("components-path", "The older name of --resources-path.",
            (o, v) => o with { ResourcesPaths = [.. o.ResourcesPaths, v] }),
        Text("config", "A Configuration file.", (o, v) => o.ConfigPath is null
            ? o with { ConfigPath = v }
            : throw new ConfigurationException("--config may be given once: this sidecar reads one Configuration.")),
        Bytes("max-body-size", "Largest body of a request; 0: no limit.", (o, v) => o with { MaxBodySize = v }),
        Bytes("read-buffer-size", "Room for a request's headers.", (o, v) => o with { ReadBufferSize = Headers(v) }),
        Text("log-level", "debug, info, warn, error or fatal.", (o, v) => o with { LogLevel = Level(v) }),
        Switch("log-as-json", "Log lines as JSON.", (o, v) => o with { LogAsJson = v }),
        Switch("enable-api-logging", "A log line for each call.", (o, v) => o with { EnableApiLogging = v }),
        Switch("enable-metrics", "Serve metrics.", (o, v) => o with { EnableMetrics = v }),
        Port("metrics-port", "Port of the metrics.", (o, v) => o with { MetricsPort = v ?? o.MetricsPort }),
        Text("metrics-listen-address", "Where metrics are served.", (o, v) => o with { MetricsListenAddress = v }),
        Switch("enable-app-health-check", "Follow the app's health.", (o, v) => o with { EnableAppHealthCheck = v }),
        Text("app-health-check-path", "What is asked for it.", (o, v) => o with { AppHealthCheckPath = v }),
        Count("app-health-probe-interval", "Seconds between health checks.",
            (o, v) => o with { AppHealthProbeInterval = TimeSpan.FromSeconds(v) }),
        Count("app-health-probe-timeout", "Milliseconds that a health check may take.",
            (o, v) => o with { AppHealthProbeTimeout = TimeSpan.FromMilliseconds(v) }),
        Count("app-health-threshold", "Failed checks in a row that make an app ill.",
            (o, v) => o with { AppHealthThreshold = v }),
        Duration("app-binding-options-timeout", "How long the app may take to say whether it wants a binding.",
            (o, v) => o with { AppBindingOptionsTimeout = v }),
        Int("dapr-graceful-shutdown-seconds", "Time for what is running at the end.",
            (o, v) => o with { GracefulShutdown = TimeSpan.FromSeconds(Math.Max(0, v)) }),
        Duration("dapr-block-shutdown-duration", "How long the APIs stay after deliveries have stopped.",
            (o, v) => o with { BlockShutdownDuration = v }),
        Text("disable-init-endpoints", "config, subscribe or both: what the app is not asked for.",
            (o, v) => o with { DisableInitEndpoints = InitEndpoints(v) }),

        Ignored("placement-host-address", OwnActors),
        Ignored("scheduler-host-address", OwnActors),
        Ignored("scheduler-job-streams", OwnActors),
        Ignored("actors-disseminate-timeout", OwnActors),
        Ignored("hot-reload-reconcile-interval", "resources are read once, at the start"),
        Ignored("profile-port", "there is no profiler to listen"),
        Ignored("control-plane-trust-domain", NoMtls),
        Ignored("control-plane-namespace", NoKubernetes),
        Ignored("disable-builtin-k8s-secret-store", NoKubernetes) with { IsSwitch = true },

        Refused("mode", NoKubernetes, "standalone"),
        Refused("app-protocol", "apps speak HTTP/1.1", "http"),
        Refused("app-ssl", "apps speak plain HTTP", "false"),
        Refused("enable-mtls", NoMtls, "false"),
        Refused("sentry-address", NoMtls),
        Refused("sentry-request-jwt-audiences", NoMtls),
        Refused("control-plane-address", NoKubernetes),
        Refused("unix-domain-socket", "it listens on TCP ports"),
        Refused("enable-profiling", "it has no profiler", "false"),
        Refused("allowed-origins", "browsers have no business with a sidecar"),
        Refused("dapr-public-port", "its health is on the HTTP port"),
        Refused("dapr-public-listen-address", "its health is on the HTTP port"),
        Refused("dapr-http-max-request-size", "use --max-body-size"),
        Refused("dapr-http-read-buffer-size", "use --read-buffer-size"),
    ];

    static string[] Words(string v) =>
        v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    static int Headers(long bytes) => bytes is > 0 and <= 1 << 24 ? (int)bytes
        : throw new ConfigurationException($"--read-buffer-size must be a size between 1 and 16Mi, not {bytes} bytes.");

    static LogLevel Level(string v) => v.ToLowerInvariant() switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" or "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "fatal" => LogLevel.Critical,
        _ => throw new ConfigurationException($"--log-level must be debug, info, warn, error or fatal, not '{v}'."),
    };

    static HashSet<string> InitEndpoints(string v)
    {
        var words = Words(v);
        return words.FirstOrDefault(w => w is not ("config" or "subscribe")) is { } wrong
            ? throw new ConfigurationException(
                $"--disable-init-endpoints may hold config and subscribe, not '{wrong}'.")
            : [.. words];
    }
}
