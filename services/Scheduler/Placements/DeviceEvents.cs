using CloudPhone.Contracts;
using CloudPhone.Scheduler.Actions;
using CloudPhone.Scheduler.Reservations;

namespace CloudPhone.Scheduler.Placements;

static class DeviceEvents
{
    /// <summary>The phone exists: its placement does not run out any more.</summary>
    public static async Task OnDeviceCreated(
        DeviceCreated e, PlacementBook book, ReservationLeases leases, CancellationToken ct)
    {
        var placement = await book.FindAsync(e.DeviceId, ct);
        if (placement?.State == PlacementState.Reserved)
            await book.ConfirmAsync(placement, ct);
        else if (placement is null or { State: PlacementState.Expired })
        {
            if (placement?.ReservationId is { } reservation)
                await leases.UseLateAsync(reservation, e.DeviceId, ct);
            await book.ReadmitAsync(placement, e.DeviceId, e.UserId, e.NodeId, e.CpuCores, e.MemoryGB, ct);
        }
    }

    public static async Task OnDeviceDeleted(
        DeviceDeleted e, SchedulerDb db, PlacementBook book, CancellationToken ct)
    {
        await Release.ReleaseAsync(book, e.DeviceId, await book.FindAsync(e.DeviceId, ct), isKept: false, ct);
        await ActionRoutes.ForgetDeviceAsync(db, e.DeviceId, ct);
    }
}
