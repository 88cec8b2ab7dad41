using CloudPhone.Contracts;
using CloudPhone.Shared.Http;

namespace CloudPhone.Scheduler.Reservations;

sealed record Size(string Name, int CpuCores, int MemoryGB);

/// <summary>The named sizes, which are the device service's.</summary>
sealed class Sizes([FromKeyedServices(AppIds.Devices)] Sibling devices)
{
    sealed record SizeList(IReadOnlyList<Size> Items);

    /// <exception cref="SiblingUnavailableException">The device service is away.</exception>
    public async Task<IReadOnlyList<Size>> AllAsync(CancellationToken ct) =>
        (await devices.GetAsync<SizeList>("/internal/devices/templates", ct))?.Items ?? [];
}
