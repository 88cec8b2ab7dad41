using CloudPhone.Contracts;

namespace CloudPhone.Scheduler.Placements;

static class DeviceEvents
{
    /// <summary>The phone exists: its placement does not run out any more.</summary>
    public static async Task OnDeviceCreated(DeviceCreated e, PlacementBook book, CancellationToken ct)
    {
        var placement = await book.FindAsync(e.DeviceId, ct);
        if (placement?.State == PlacementState.Reserved)
            await book.ConfirmAsync(placement, ct);
        else if (placement is null or { State: PlacementState.Expired })
            await book.ReadmitAsync(placement, e.DeviceId, e.UserId, e.NodeId, e.CpuCores, e.MemoryGB, ct);
    }

    public static Task OnDeviceDeleted(DeviceDeleted e, PlacementBook book, CancellationToken ct) =>
        Release.ReleaseAsync(book, e.DeviceId, ct);
}
