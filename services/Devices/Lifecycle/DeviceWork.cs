using CloudPhone.Devices.Health;
using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Does what a phone's state asks for, step by step, until it is at rest or has to wait. Runs in the phone's
/// actor, one at a time.</summary>
sealed class DeviceWork(
    DeviceDb db, DeviceMoves moves, Creation creation, Teardown teardown, Booting booting, PowerOff powerOff,
    Recovery recovery, PhoneCheck check, WorkSignals signals)
{
    /// <param name="resumed">Nobody waits for the answer.</param>
    public async Task RunAsync(Device d, bool resumed, CancellationToken ct)
    {
        while (await StepAsync(d, resumed, ct))
        {
        }
        signals.Of<OperationItem>().Wake(); // what waited for it to be at rest
    }

    Task<bool> StepAsync(Device d, bool resumed, CancellationToken ct) => d switch
    {
        { DeletedAt: not null } => Task.FromResult(false),
        { Status: DeviceStatus.Creating, Step: not CreationStep.Announced } => creation.StepAsync(d, resumed, ct),
        { IsBooting: true } => booting.StepAsync(d, ct),
        { Status: DeviceStatus.Running, StopAfterBoot: { } reason } => StopAsync(d, reason, ct),
        { Status: DeviceStatus.Running } => check.RunAsync(d, ct),
        { Status: DeviceStatus.Stopping } => powerOff.StepAsync(d, ct),
        { Status: DeviceStatus.Error } => recovery.StepAsync(d, ct),
        { Status: DeviceStatus.Deleting } => teardown.StepAsync(d, ct),
        _ => Task.FromResult(false),
    };

    async Task<bool> StopAsync(Device d, string reason, CancellationToken ct)
    {
        (d.StopAfterBoot, d.StopReason) = (null, reason);
        moves.Move(d, Trigger.Stop, reason);
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <returns>Null where there is no such device, or none any more.</returns>
    public Task<Device?> FindAsync(Guid id, CancellationToken ct) =>
        db.Devices.SingleOrDefaultAsync(d => d.Id == id, ct);
}
