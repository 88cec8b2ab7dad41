using CloudPhone.Shared.Hosting;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>How phones are made as containers.</summary>
/// <param name="Image">With its tag or digest.</param>
/// <param name="IsPrivileged">What redroid needs to boot, and gives its user the machine: see the README.</param>
/// <param name="DataFolder">A folder of that name on every node and here, shared by all, in which each phone has its
/// data; null: a volume on the phone's own node.</param>
/// <param name="Platform">Whose phones they are, where several platforms use an engine.</param>
/// <param name="MaxDevices">How many phones a node takes at most.</param>
/// <param name="Heartbeat">How often the scheduler is told which nodes are there.</param>
/// <param name="BootArguments">What the image is told beside the size of its screen.</param>
sealed record DockerOptions(
    IReadOnlyList<DockerNode> Nodes, string Image, bool IsPrivileged, string? DataFolder, string Platform,
    int MaxDevices, TimeSpan Heartbeat, IReadOnlyList<string> BootArguments)
{
    const string DefaultBoot = "androidboot.use_memfd=1 androidboot.redroid_gpu_mode=guest";

    /// <summary>With their tags or digests, by Android's version, for phones of templates that ask for one.</summary>
    public IReadOnlyDictionary<int, string> Images { get; init; } = new Dictionary<int, string>();

    /// <exception cref="SettingException">A setting is missing or wrong.</exception>
    public static DockerOptions Read(IConfiguration configuration)
    {
        var nodes = DockerNode.Parse(configuration.Required(
            "DOCKER_NODES", "the Docker engines that phones run on, like here=unix:///var/run/docker.sock"));
        var image = configuration.Required("PHONE_IMAGE", "the phones' image, like redroid/redroid:13.0.0-latest");
        var folder = configuration["DOCKER_DATA_FOLDER"] is { Length: > 0 } given ? given : null;
        if (folder is not null && (!folder.StartsWith('/') || folder.Contains("..", StringComparison.Ordinal)))
            throw new SettingException("Set DOCKER_DATA_FOLDER to an absolute path that all nodes share.");
        if (folder is not null && !Directory.Exists(folder))
            throw new SettingException($"Set DOCKER_DATA_FOLDER to a folder that is there on this machine, too, where "
                + $"{folder} is not: from here the data of phones that are deleted are removed.");
        var platform = configuration["DOCKER_PLATFORM"] is { Length: > 0 } own ? own : "cloudphone";
        if (platform.Length > 32 || !platform.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw new SettingException(
                "Set DOCKER_PLATFORM to 1 to 32 small letters, digits and hyphens; it is part of containers' names.");
        var boot = configuration["PHONE_BOOT_ARGUMENTS"] ?? DefaultBoot;
        return new(nodes, image, configuration.Flag("PHONE_PRIVILEGED", false), folder, platform,
            configuration.Number("NODE_MAX_DEVICES", 100, 1, 10_000),
            TimeSpan.FromSeconds(configuration.Number("NODE_HEARTBEAT_SECONDS", 10, 1, 300)),
            boot.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Images = ImagesOf(configuration["PHONE_IMAGES"] ?? ""),
        };
    }

    static Dictionary<int, string> ImagesOf(string value)
    {
        var images = new Dictionary<int, string>();
        foreach (var one in value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (one.Split('=', 2) is not [var version, { Length: > 0 } image] || !int.TryParse(version, out var number)
                || !images.TryAdd(number, image))
                throw new SettingException("Set PHONE_IMAGES to images by Android's version, like "
                    + $"12=redroid/redroid:12.0.0_64only-latest;13=redroid/redroid:13.0.0_64only-latest; '{one}' is "
                    + "none.");
        return images;
    }

    /// <summary>The image of the version that it asks for.</summary>
    public string ImageOf(PhoneLook? look) =>
        look?.AndroidVersion is { } version ? Images.GetValueOrDefault(version, Image) : Image;

    /// <summary>Of the network that the phones are on; a name that no engine has of its own.</summary>
    public string Network => $"{Platform}-phones";

    public string NameOf(Guid deviceId) => $"{Platform}-{deviceId}";

    /// <summary>Of the phone's data.</summary>
    public string VolumeOf(PhoneSpec spec) =>
        spec.Generation == 0 ? NameOf(spec.DeviceId) : $"{NameOf(spec.DeviceId)}-r{spec.Generation}";
}
