using CloudPhone.Devices.Placement;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Quotas;
using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Undoes a creation and removes a phone, which is the same: the container, the placement, the usage, and then
/// the row.</summary>
sealed partial class Teardown(
    DeviceDb db, DeviceMoves moves, UserQuotas quotas, Placements placements, IDeviceProvider provider,
    ResumeQueue queue, BootWatch watch, TimeProvider clock, ILogger<Teardown> log)
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <returns>False where it has to wait.</returns>
    public async Task<bool> StepAsync(Device d, CancellationToken ct)
    {
        if (d.HeldBy is not null)
        {
            d.DueAt = clock.GetUtcNow() + DeviceMoves.StandStill; // what copies its data lets it go
            await db.SaveChangesAsync(ct);
            return false;
        }
        try
        {
            await provider.RemoveAsync(d.Id, ct);
            // once device.created was told, device.deleted frees the placement
            if (d.Step is not (CreationStep.Requested or CreationStep.Announced))
                await placements.ReleaseAsync(d, ct);
        }
        catch (Exception e) when (e is ProviderException or SiblingUnavailableException or SiblingRefusedException)
        {
            NotRemoved(log, d.Id, e.Message);
            d.DueAt = clock.GetUtcNow() + DeviceMoves.StandStill;
            await db.SaveChangesAsync(ct);
            queue.AddLater(d.Id, RetryAfter);
            return false;
        }
        if (d.FailureCode == CreationFailures.QuotaUnavailable)
            await quotas.ReportLaterAsync(d, UsageReport.Decrement, ct);
        else if (d.FailureCode != CreationFailures.QuotaExceeded)
            await quotas.ReportAsync(d, UsageReport.Decrement, ct);
        moves.Move(d, Trigger.Removed, d.FailureCode);
        await db.SaveChangesAsync(ct);
        watch.Forget(d.Id);
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "Device {Device} could not be removed yet: {Reason}")]
    static partial void NotRemoved(ILogger log, Guid device, string reason);
}
