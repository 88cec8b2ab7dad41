using CloudPhone.Sidecar.Resources.Yaml;

namespace CloudPhone.Sidecar.Runner.Template;

enum LogDestination { File, Console, FileAndConsole }

/// <summary>What may stand under <c>common</c> and under an app. As in the Dapr CLI an empty text, 0 and false are "not
/// set":
/// an app can't switch off what <c>common</c> switches on.</summary>
sealed record SharedSettings
{
    public string? ConfigFile { get; init; }
    public IReadOnlyList<string> ResourcesPaths { get; init; } = [];
    public string? RuntimePath { get; init; }
    public string? ApiListenAddresses { get; init; }
    /// <summary>Empty: every address.</summary>
    public IReadOnlyList<string> ListenAddresses =>
        (ApiListenAddresses ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public LogLevel? LogLevel { get; init; }
    public int? AppMaxConcurrency { get; init; }
    public long? MaxBodySize { get; init; }
    public long? ReadBufferSize { get; init; }
    public bool EnableApiLogging { get; init; }
    public bool EnableAppHealthCheck { get; init; }
    public string? AppHealthCheckPath { get; init; }
    public TimeSpan? AppHealthProbeInterval { get; init; }
    public TimeSpan? AppHealthProbeTimeout { get; init; }
    public int? AppHealthThreshold { get; init; }
    public LogDestination? SidecarLog { get; init; }
    public LogDestination? AppLog { get; init; }
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <param name="folder">What relative paths are relative to.</param>
    public static SharedSettings Read(YamlFields fields, string folder)
    {
        RefuseWhatHasNoMeaningHere(fields);
        // Actors and reminders live in this process: there is no placement and no scheduler service to reach.
        fields.Ignore("placementHostAddress", "schedulerHostAddress");
        var resources = fields.Texts("resourcesPaths")
            .Select((p, i) => fields.ExistingPath($"resourcesPaths[{i}]", folder, p)!);
        return new()
        {
            ConfigFile = fields.ExistingPath("configFilePath", folder),
            ResourcesPaths = fields.ExistingPath("resourcesPath", folder) is { } old
                ? [.. resources, old] : [.. resources],
            RuntimePath = fields.ExistingPath("runtimePath", folder),
            ApiListenAddresses = fields.Set("apiListenAddresses"),
            LogLevel = Level(fields),
            AppMaxConcurrency = fields.Positive("appMaxConcurrency"),
            MaxBodySize = Size(fields, "maxBodySize"),
            ReadBufferSize = Size(fields, "readBufferSize"),
            EnableApiLogging = fields.Flag("enableApiLogging"),
            EnableAppHealthCheck = fields.Flag("enableAppHealthCheck"),
            AppHealthCheckPath = fields.Set("appHealthCheckPath"),
            AppHealthProbeInterval = fields.Span("appHealthProbeInterval", TimeSpan.FromSeconds(1)),
            AppHealthProbeTimeout = fields.Span("appHealthProbeTimeout", TimeSpan.FromMilliseconds(1)),
            AppHealthThreshold = fields.Positive("appHealthThreshold"),
            SidecarLog = Destination(fields, "daprdLogDestination"),
            AppLog = Destination(fields, "appLogDestination"),
            Environment = fields.TextMap("env"),
        };
    }

    public SharedSettings Over(SharedSettings common) => new()
    {
        RuntimePath = RuntimePath ?? common.RuntimePath,
        ApiListenAddresses = ApiListenAddresses ?? common.ApiListenAddresses,
        LogLevel = LogLevel ?? common.LogLevel,
        AppMaxConcurrency = AppMaxConcurrency ?? common.AppMaxConcurrency,
        MaxBodySize = MaxBodySize ?? common.MaxBodySize,
        ReadBufferSize = ReadBufferSize ?? common.ReadBufferSize,
        EnableApiLogging = EnableApiLogging || common.EnableApiLogging,
        EnableAppHealthCheck = EnableAppHealthCheck || common.EnableAppHealthCheck,
        AppHealthCheckPath = AppHealthCheckPath ?? common.AppHealthCheckPath,
        AppHealthProbeInterval = AppHealthProbeInterval ?? common.AppHealthProbeInterval,
        AppHealthProbeTimeout = AppHealthProbeTimeout ?? common.AppHealthProbeTimeout,
        AppHealthThreshold = AppHealthThreshold ?? common.AppHealthThreshold,
        SidecarLog = SidecarLog ?? common.SidecarLog,
        AppLog = AppLog ?? common.AppLog,
        Environment = common.Environment.Concat(Environment).GroupBy(e => e.Key)
            .ToDictionary(g => g.Key, g => g.Last().Value),
    };

    static void RefuseWhatHasNoMeaningHere(YamlFields fields)
    {
        if (fields.Set("appProtocol") is { } protocol && !protocol.Equals("http", StringComparison.OrdinalIgnoreCase))
            throw fields.Wrong("appProtocol", $"is '{protocol}', but this sidecar speaks only http to its apps");
        foreach (var flag in (string[])["appSSL", "enableProfiling"])
            if (fields.Flag(flag))
                throw fields.Wrong(flag, "is not supported by this runner; leave it out");
    }

    static long? Size(YamlFields fields, string field) => fields.Set(field) switch
    {
        null => null,
        var t when Quantity.TryParse(t, out var bytes) => bytes,
        var t => throw fields.Wrong(field, $"must be a size like 4Mi or 16Ki, not '{t}'"),
    };

    static LogLevel? Level(YamlFields fields) => fields.Set("logLevel")?.ToLowerInvariant() switch
    {
        null => null,
        "debug" => Microsoft.Extensions.Logging.LogLevel.Debug,
        "info" => Microsoft.Extensions.Logging.LogLevel.Information,
        "warn" or "warning" => Microsoft.Extensions.Logging.LogLevel.Warning,
        "error" => Microsoft.Extensions.Logging.LogLevel.Error,
        "fatal" or "panic" => Microsoft.Extensions.Logging.LogLevel.Critical,
        var other => throw fields.Wrong("logLevel", $"is '{other}'; known: debug, info, warn, error, fatal, panic"),
    };

    static LogDestination? Destination(YamlFields fields, string field) => fields.Set(field) switch
    {
        null => null,
        "file" => LogDestination.File,
        "console" => LogDestination.Console,
        "fileAndConsole" => LogDestination.FileAndConsole,
        var other => throw fields.Wrong(field, $"is '{other}'; known: file, console, fileAndConsole"),
    };
}
