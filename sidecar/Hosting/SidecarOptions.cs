namespace CloudPhone.Sidecar.Hosting;

/// <summary>What one sidecar is started with: the runtime's own flags and the tokens of its environment.</summary>
sealed record SidecarOptions
{
    /// <summary>The name by which other apps call it, and the prefix of its state keys.</summary>
    public required string AppId { get; init; }
    /// <summary>Port of the app on <see cref="AppChannelAddress"/>; null: a sidecar without an app.</summary>
    public int? AppPort { get; init; }
    /// <summary>Host of the app.</summary>
    public string AppChannelAddress { get; init; } = "127.0.0.1";
    public int HttpPort { get; init; } = 3500;
    public int GrpcPort { get; init; } = 50001;
    /// <summary>Port for other sidecars; null: a free one.</summary>
    public int? InternalGrpcPort { get; init; }
    /// <summary>Where GET /metrics is served, if <see cref="EnableMetrics"/>.</summary>
    public int MetricsPort { get; init; } = 9090;
    public bool EnableMetrics { get; init; } = true;
    /// <summary>Addresses to listen on; empty: every address, as the runtime does.</summary>
    public IReadOnlyList<string> ListenAddresses { get; init; } = [];
    /// <summary>Where other sidecars are listened to, if not on <see cref="ListenAddresses"/>.</summary>
    public string? InternalListenAddress { get; init; }
    /// <summary>Where metrics are served, if not on <see cref="ListenAddresses"/>.</summary>
    public string? MetricsListenAddress { get; init; }
    /// <summary>Folders of YAML resources; they are not searched deeper.</summary>
    public IReadOnlyList<string> ResourcesPaths { get; init; } = [];
    /// <summary>File of the Configuration resource; null: the defaults.</summary>
    public string? ConfigPath { get; init; }
    public LogLevel LogLevel { get; init; } = LogLevel.Information;
    public bool LogAsJson { get; init; }
    /// <summary>Writes a log line for each call of the API.</summary>
    public bool EnableApiLogging { get; init; }
    /// <summary>Without it the app counts as healthy once its port is open.</summary>
    public bool EnableAppHealthCheck { get; init; }
    public string AppHealthCheckPath { get; init; } = "/healthz";
    /// <summary>From one health check to the next.</summary>
    public TimeSpan AppHealthProbeInterval { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>A health check that takes longer has failed.</summary>
    public TimeSpan AppHealthProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);
    /// <summary>Failed checks in a row that make the app ill. One success makes it healthy.</summary>
    public int AppHealthThreshold { get; init; } = 3;
    /// <summary>Most calls to the app at once, of every kind; -1: no limit.</summary>
    public int AppMaxConcurrency { get; init; } = -1;
    /// <summary>Largest body that the API takes, in bytes; 0 or less: no limit.</summary>
    public long MaxBodySize { get; init; } = 4 << 20;
    /// <summary>Room for the headers of a request, in bytes.</summary>
    public int ReadBufferSize { get; init; } = 4 << 10;
    /// <summary>What is running at the end has so long.</summary>
    public TimeSpan GracefulShutdown { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>How long the APIs stay after deliveries have stopped; null: they go together.</summary>
    public TimeSpan? BlockShutdownDuration { get; init; }
    /// <summary>How long the app may take to say whether it wants a binding.</summary>
    public TimeSpan AppBindingOptionsTimeout { get; init; } = TimeSpan.FromSeconds(3);
    /// <summary>What the app is not asked for at its start: <c>config</c>, <c>subscribe</c>.</summary>
    public IReadOnlySet<string> DisableInitEndpoints { get; init; } = new HashSet<string>();
    /// <summary>DAPR_API_TOKEN: what callers of the sidecar's API must show.</summary>
    public string? ApiToken { get; init; }
    /// <summary>APP_API_TOKEN: what the sidecar shows to its app.</summary>
    public string? AppApiToken { get; init; }
    /// <summary>NAMESPACE; "default" outside Kubernetes.</summary>
    public string Namespace { get; init; } = "default";
    /// <summary>The environment that secret stores and envRef read.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
