using CloudPhone.Devices.Providers;

namespace CloudPhone.Devices.Templates;

/// <summary>A size of phones that has a name.</summary>
/// <param name="MemoryGB">GiB.</param>
/// <param name="StorageGB">GiB.</param>
sealed record Template(
    string Name, string DeviceType, int CpuCores, int MemoryGB, int StorageGB, PhoneLook Look)
{
    /// <summary>Those that there are unless DEVICE_TEMPLATES says otherwise.</summary>
    public static readonly IReadOnlyList<Template> Usual =
    [
        new("small", "phone", 1, 2, 8, new(720, 1280, 320)),
        new("standard", "phone", 2, 4, 16, new(1080, 1920, 420)),
        new("large", "phone", 4, 8, 32, new(1080, 2400, 420)),
        new("tablet", "tablet", 4, 8, 32, new(1200, 1920, 240)),
    ];
}
