using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers;

namespace CloudPhone.Devices.Api;

/// <summary>A phone as the API shows it.</summary>
/// <param name="MemoryGB">GiB.</param>
/// <param name="StorageGB">GiB that are charged; null: none, as for phones that are older than this price.</param>
/// <param name="Template">What it was made from; null: numbers.</param>
/// <param name="AndroidVersion">As its template asked for it; null: the usual one.</param>
/// <param name="SnapshotId">What its data were copied from when it was made.</param>
/// <param name="StartedAt">Since when it runs for its user; null while it doesn't.</param>
sealed record DeviceView(
    Guid Id, string Name, Guid UserId, DeviceStatus Status, int CpuCores, int MemoryGB, DateTimeOffset CreatedAt,
    string DeviceType, string? NodeName, DateTimeOffset StatusSince, DateTimeOffset? StartedAt, long Version,
    int? StorageGB, IReadOnlyList<string> Tags, string? Template, ScreenView Screen, int? AndroidVersion,
    Guid? SnapshotId)
{
    public static DeviceView Of(Device d) => new(
        d.Id, d.Name, d.UserId, d.Status, d.CpuCores, d.MemoryGB, d.CreatedAt, d.DeviceType, d.NodeName, d.StatusSince,
        d.StartedAt, d.Version, d.StorageGB, Api.Tags.Split(d.Tags), d.Template, ScreenView.Of(d.Look),
        d.AndroidVersion, d.SnapshotId);
}

/// <param name="Width">Pixels, as it is built.</param>
/// <param name="Dpi">Pixels to the inch.</param>
sealed record ScreenView(int Width, int Height, int Dpi)
{
    public static ScreenView Of(PhoneLook look) => new(look.Width, look.Height, look.Dpi);
}
