using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers.Docker;
using CloudPhone.Devices.Templates;
using CloudPhone.Devices.Tunnels;
using CloudPhone.Shared.Hosting;

namespace CloudPhone.Devices;

/// <summary>The service's settings, read once at start.</summary>
/// <param name="QuotaAllowOnError">Creation goes on while the user service is away; its usage is reported when it is
/// back.</param>
/// <param name="PhonesFolder">Where simulated phones have their data.</param>
/// <param name="PhoneBootSeconds">How long a simulated phone boots.</param>
/// <param name="BootLimit">A phone that has not booted by then has failed to.</param>
/// <param name="MaxCpuCores">The largest phone that may be asked for.</param>
/// <param name="MaxMemoryGB">GiB.</param>
sealed record DeviceOptions(
    bool QuotaAllowOnError, string PhonesFolder, int PhoneBootSeconds, TimeSpan BootLimit, int MaxCpuCores,
    int MaxMemoryGB)
{
    /// <summary>Null: phones are simulated, as processes beside this one.</summary>
    public DockerOptions? Docker { get; init; }

    /// <summary>Settings that a phone's process reads itself.</summary>
    public string? RunnerPid { get; init; }

    /// <summary>How often running phones are looked at and what stands still is taken up.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>GiB, of the largest phone.</summary>
    public int MaxStorageGB { get; init; } = 128;

    /// <summary>Null: users' own adb reaches no phones.</summary>
    public TunnelOptions? Tunnels { get; init; }

    /// <summary>How many snapshots a user has at most.</summary>
    public int MaxSnapshots { get; init; } = 10;

    /// <summary>The named sizes.</summary>
    public IReadOnlyList<Template> Templates { get; init; } = [];

    /// <summary>The largest file that goes up to a phone.</summary>
    public long FileBytes { get; init; } = 100L << 20;

    /// <exception cref="SettingException">A setting is missing or wrong.</exception>
    public static DeviceOptions Read(IConfiguration configuration)
    {
        var docker = configuration["DEVICE_PROVIDER"] switch
        {
            null or "" or "simulated" => null,
            "docker" => DockerOptions.Read(configuration),
            var other => throw new SettingException($"Set DEVICE_PROVIDER to simulated or docker, not '{other}'."),
        };
        var options = new DeviceOptions(
            configuration.Flag("QUOTA_ALLOW_ON_ERROR", false), docker is null ? SimulatedPhones(configuration) : "",
            configuration.Number("PHONE_BOOT_SECONDS", 2, 0, 600),
            TimeSpan.FromSeconds(configuration.Number("PHONE_BOOT_LIMIT_SECONDS", 120, 1, 3600)),
            configuration.Number("MAX_DEVICE_CPU_CORES", 16, 1, 256),
            configuration.Number("MAX_DEVICE_MEMORY_GB", 64, 1, 1024))
        {
            Docker = docker,
            MaxStorageGB = configuration.Number("MAX_DEVICE_STORAGE_GB", 128, Device.UsualStorageGB, 4096),
            MaxSnapshots = configuration.Number("MAX_SNAPSHOTS_PER_USER", 10, 0, 10_000),
            RunnerPid = configuration["CLOUDPHONE_RUNNER_PID"],
            Tunnels = TunnelOptions.Read(configuration),
            FileBytes = configuration.Number("DEVICE_FILE_LIMIT_MB", 100, 1, 1024) * (1L << 20),
            SweepInterval = TimeSpan.FromSeconds(configuration.Number("DEVICE_SWEEP_SECONDS", 30, 1, 60)),
        };
        return options with { Templates = TemplateSettings.Read(configuration["DEVICE_TEMPLATES"], options) };
    }

    static string SimulatedPhones(IConfiguration configuration) =>
        Path.GetFullPath(configuration["PHONES_FOLDER"] is { Length: > 0 } own ? own
            : Path.Combine(configuration.Required("CLOUDPHONE_DATA", "a folder for the phones' data, or PHONES_FOLDER"),
                "phones"));
}
