using System.Globalization;
using System.Security.Cryptography;
using Docker.DotNet.Models;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>What a phone's container is made of.</summary>
static class ContainerPlan
{
    public const string AdbPort = "5555/tcp", DeviceLabel = "io.cloudphone.device",
        PlatformLabel = "io.cloudphone.platform";
    const long PidsLimit = 4096;

    public static CreateContainerParameters Of(
        PhoneSpec spec, DockerNode node, DockerOptions options, int bootSeconds) => new()
        {
            Name = options.NameOf(spec.DeviceId),
            Image = options.ImageOf(spec.Look),
            Cmd =
            [
                .. options.BootArguments, .. Screen(spec.Look ?? PhoneLook.Usual),
                $"androidboot.serialno={spec.DeviceId:N}",
            ],
            // what the simulated phone asks for; redroid does not look at them
            Env =
            [
                $"PHONE_ID={spec.DeviceId}",
                $"PHONE_TOKEN={Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}",
                string.Create(CultureInfo.InvariantCulture, $"PHONE_BOOT_SECONDS={bootSeconds}"),
                string.Create(CultureInfo.InvariantCulture, $"PHONE_ANDROID={spec.Look?.AndroidVersion}"),
            ],
            Labels = Labels(spec.DeviceId, options),
            ExposedPorts = new Dictionary<string, EmptyStruct> { [AdbPort] = default },
            HostConfig = Host(spec, node, options),
        };

    static IEnumerable<string> Screen(PhoneLook look) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"androidboot.redroid_width={look.Width}"),
        string.Create(CultureInfo.InvariantCulture, $"androidboot.redroid_height={look.Height}"),
        string.Create(CultureInfo.InvariantCulture, $"androidboot.redroid_dpi={look.Dpi}"),
    ];

    public static Dictionary<string, string> Labels(Guid deviceId, DockerOptions options) => new()
    {
        [PlatformLabel] = options.Platform, [DeviceLabel] = deviceId.ToString(),
    };

    /// <summary>What of an engine is this platform's.</summary>
    public static Dictionary<string, IDictionary<string, bool>> OwnOf(DockerOptions options) => new()
    {
        ["label"] = new Dictionary<string, bool> { [$"{PlatformLabel}={options.Platform}"] = true },
    };

    /// <summary>Whoever breaks out of a phone that is not privileged has nothing that the engine could keep from
    /// him.</summary>
    static HostConfig Host(PhoneSpec spec, DockerNode node, DockerOptions options) => new()
    {
        NanoCPUs = spec.CpuCores * 1_000_000_000L,
        Memory = (long)spec.MemoryGB << 30,
        MemorySwap = (long)spec.MemoryGB << 30, // the same: no swap
        PidsLimit = PidsLimit,
        Privileged = options.IsPrivileged,
        CapDrop = options.IsPrivileged ? null : ["ALL"],
        SecurityOpt = options.IsPrivileged ? null : ["no-new-privileges"],
        ReadonlyRootfs = !options.IsPrivileged,
        NetworkMode = options.Network,
        PortBindings = node.Publish is { } address
            ? new Dictionary<string, IList<PortBinding>>
            {
                [AdbPort] = [new() { HostIP = address.ToString(), HostPort = "" }],
            }
            : null,
        Binds = [$"{Data(spec, options)}:/data"],
        // this service heals phones: one that the engine restarted by itself would not have been seen to fail
        RestartPolicy = new() { Name = RestartPolicyKind.No },
        LogConfig = new() { Type = "json-file", Config = new Dictionary<string, string> { ["max-size"] = "1m" } },
    };

    static string Data(PhoneSpec spec, DockerOptions options) =>
        options.DataFolder is { } folder ? $"{folder}/{spec.DeviceId}" : options.VolumeOf(spec);
}
