using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.PubSub.Embedded;
using CloudPhone.Sidecar.Runner.Logs;
using CloudPhone.Sidecar.Runner.Template;

namespace CloudPhone.Sidecar.Runner.Sidecars;

/// <summary>A sidecar per app, all in this process and in one neighbourhood.</summary>
sealed class SidecarFleet : IAsyncDisposable
{
    readonly SidecarNeighbourhood _neighbourhood = new();
    readonly List<(SidecarServer Server, ILoggerFactory Loggers)> _sidecars = [];

    /// <param name="environment">What secret stores and environment references of components see.</param>
    /// <exception cref="ConfigurationException">A resource is wrong.</exception>
    public async Task StartAsync(
        IReadOnlyList<AppSpec> apps, IReadOnlyDictionary<string, string> environment, Func<AppSpec, AppLogs> logs,
        CancellationToken ct)
    {
        // An event must also reach an app that starts for the first time after it was published.
        ExpectedSubscribers.Of(_neighbourhood).Set([.. apps.Where(a => a.AppPort is not null).Select(a => a.AppId)]);
        foreach (var app in apps)
        {
            var options = Options(app, environment);
            var loggers = LoggerFactory.Create(l => l.SetMinimumLevel(options.LogLevel)
                .AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning)
                .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None)
                .AddProvider(new LineLoggerProvider(logs(app).Sidecar, TimeProvider.System)));
            var server = new SidecarServer(options, _neighbourhood, loggers);
            _sidecars.Add((server, loggers));
            await server.StartAsync(ct);
        }
    }

    /// <summary>The app's process has ended; its sidecar need not find out by itself.</summary>
    public void AppEnded(AppSpec app) =>
        _sidecars.Find(s => s.Server.Options.AppId == app.AppId).Server?.AppEnded();

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_sidecars.Select(s => s.Server.DisposeAsync().AsTask()));
        await _neighbourhood.DisposeAsync();
        foreach (var (_, loggers) in _sidecars)
            loggers.Dispose();
    }

    static SidecarOptions Options(AppSpec app, IReadOnlyDictionary<string, string> environment)
    {
        var defaults = new SidecarOptions { AppId = app.AppId };
        var set = app.Settings;
        return defaults with
        {
            AppPort = app.AppPort,
            AppChannelAddress = app.Host,
            HttpPort = app.HttpPort!.Value,
            GrpcPort = app.GrpcPort!.Value,
            InternalGrpcPort = app.InternalGrpcPort,
            MetricsPort = app.MetricsPort!.Value,
            ListenAddresses = set.ListenAddresses,
            ResourcesPaths = app.ResourcesPaths,
            ConfigPath = app.ConfigFile,
            LogLevel = set.LogLevel ?? defaults.LogLevel,
            EnableApiLogging = set.EnableApiLogging,
            EnableAppHealthCheck = set.EnableAppHealthCheck,
            AppHealthCheckPath = set.AppHealthCheckPath ?? defaults.AppHealthCheckPath,
            AppHealthProbeInterval = set.AppHealthProbeInterval ?? defaults.AppHealthProbeInterval,
            AppHealthProbeTimeout = set.AppHealthProbeTimeout ?? defaults.AppHealthProbeTimeout,
            AppHealthThreshold = set.AppHealthThreshold ?? defaults.AppHealthThreshold,
            AppMaxConcurrency = set.AppMaxConcurrency ?? defaults.AppMaxConcurrency,
            MaxBodySize = set.MaxBodySize ?? defaults.MaxBodySize,
            ReadBufferSize = (int)Math.Min(set.ReadBufferSize ?? defaults.ReadBufferSize, int.MaxValue),
            ApiToken = environment.GetValueOrDefault("DAPR_API_TOKEN"),
            AppApiToken = environment.GetValueOrDefault("APP_API_TOKEN"),
            Namespace = environment.GetValueOrDefault("NAMESPACE") is { Length: > 0 } own ? own : defaults.Namespace,
            Environment = environment,
        };
    }
}
