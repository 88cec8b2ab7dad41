using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Supervision;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Switches a phone off and, for a restart, on again.</summary>
sealed partial class PowerOff(
    DeviceDb db, DeviceMoves moves, IDeviceProvider provider, ResumeQueue queue, BootWatch watch,
    TimeProvider clock, ILogger<PowerOff> log)
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <returns>False where it has to wait.</returns>
    public async Task<bool> StepAsync(Device d, CancellationToken ct)
    {
        try
        {
            await provider.StopAsync(d.Id, ct);
        }
        catch (ProviderException e)
        {
            NotStopped(log, d.Id, e.Message);
            d.DueAt = clock.GetUtcNow() + DeviceMoves.StandStill;
            await db.SaveChangesAsync(ct);
            queue.AddLater(d.Id, RetryAfter);
            return false;
        }
        var again = d.RestartAfterStop;
        d.BootDeadline = null;
        watch.Forget(d.Id);
        await db.InTransactionAsync(async () =>
        {
            moves.Move(d, Trigger.Stopped, d.StopReason);
            (d.RestartAfterStop, d.StopReason, d.RecoveryAttempts) = (false, null, 0);
            await db.SaveChangesAsync(ct);
            if (!again)
                return;
            moves.Move(d, Trigger.Start, "restart");
            await db.SaveChangesAsync(ct);
        }, ct);
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "Device {Device} could not be stopped yet: {Reason}")]
    static partial void NotStopped(ILogger log, Guid device, string reason);
}
