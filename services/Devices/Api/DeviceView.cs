using CloudPhone.Devices.Lifecycle;

namespace CloudPhone.Devices.Api;

/// <summary>A phone as the API shows it.</summary>
/// <param name="MemoryGB">GiB.</param>
/// <param name="StorageGB">GiB that are charged; null: none, as for phones that are older than this price.</param>
/// <param name="StartedAt">Since when it runs for its user; null while it doesn't.</param>
sealed record DeviceView(
    Guid Id, string Name, Guid UserId, DeviceStatus Status, int CpuCores, int MemoryGB, DateTimeOffset CreatedAt,
    string DeviceType, string? NodeName, DateTimeOffset StatusSince, DateTimeOffset? StartedAt, long Version,
    int? StorageGB, IReadOnlyList<string> Tags)
{
    public static DeviceView Of(Device d) => new(
        d.Id, d.Name, d.UserId, d.Status, d.CpuCores, d.MemoryGB, d.CreatedAt, d.DeviceType, d.NodeName, d.StatusSince,
        d.StartedAt, d.Version, d.StorageGB, Api.Tags.Split(d.Tags));
}
