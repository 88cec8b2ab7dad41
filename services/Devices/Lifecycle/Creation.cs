using CloudPhone.Contracts;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Placement;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Quotas;
using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>
/// Creates a phone in steps, each recorded when it is done. Where one fails the creation is given up and undone;
/// where the process dies, the step in hand runs again.
/// </summary>
sealed class Creation(
    DeviceDb db, DeviceMoves moves, UserQuotas quotas, Placements placements, IDeviceProvider provider, Outbox outbox,
    ResumeQueue queue, BootWatch watch, TimeProvider clock, DeviceOptions options)
{
    /// <summary>For so long a creation whose caller is gone waits for services that are away. Reservations live 15
    /// minutes.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(3);

    /// <summary>The next step.</summary>
    /// <param name="resumed">Nobody waits for the answer.</param>
    /// <returns>False where it has to wait.</returns>
    public async Task<bool> StepAsync(Device d, bool resumed, CancellationToken ct)
    {
        try
        {
            if (!await IsStillReservedAsync(d, ct))
                return true;
            switch (d.Step)
            {
                case CreationStep.Requested:
                    return await ReserveAsync(d, resumed, ct);
                case CreationStep.Reserved:
                    return await PlaceAsync(d, ct);
                case CreationStep.Placed:
                    if (d.SnapshotId is not null && await CloningAsync(d, ct) is { } isOver)
                        return isOver;
                    await provider.CreateAsync(d.Spec, ct);
                    await provider.StartAsync(d.Id, ct);
                    watch.NoteStart(d.Id, d.StatusSince);
                    return await DoneAsync(d, CreationStep.Provisioned, ct);
                default:
                    return await AnnounceAsync(d, ct);
            }
        }
        catch (SiblingUnavailableException e)
        {
            return IsPatient(d, resumed) ? await WaitAsync(d, ct)
                : await FailAsync(d, CreationFailures.Unavailable, e.Message, ct);
        }
        catch (SiblingRefusedException e)
        {
            return await FailAsync(d, CreationFailures.Unavailable, e.Message, ct);
        }
        catch (ProviderException e)
        {
            return await FailAsync(d, CreationFailures.ProviderFailed, e.Message, ct);
        }
    }

    /// <summary>Its data are copied by an operation, which lets the phone go on when it is over.</summary>
    /// <returns>Null: they are there. False: it has to wait. True: it is given up.</returns>
    async Task<bool?> CloningAsync(Device d, CancellationToken ct)
    {
        var copy = await db.OperationItems.AsNoTracking().SingleOrDefaultAsync(i => i.Id == d.Id, ct);
        if (copy is { Status: OperationItemStatus.Succeeded })
            return null;
        if (copy is null or { Status: OperationItemStatus.Failed })
            return await FailAsync(d, CreationFailures.ProviderFailed,
                copy?.ProblemDetail ?? "The snapshot's data were not copied.", ct);
        d.DueAt = clock.GetUtcNow() + DeviceMoves.StandStill;
        await db.SaveChangesAsync(ct);
        return false;
    }

    async Task<bool> ReserveAsync(Device d, bool resumed, CancellationToken ct)
    {
        try
        {
            var answer = await quotas.ReserveAsync(d, ct);
            return answer.IsReserved ? await DoneAsync(d, CreationStep.Reserved, ct)
                : await FailAsync(d, CreationFailures.QuotaExceeded, QuotaRefusal.Write(answer), ct);
        }
        catch (SiblingUnavailableException) when (options.QuotaAllowOnError)
        {
            return await DoneAsync(d, CreationStep.Reserved, ct);
        }
        catch (SiblingUnavailableException e) when (!IsPatient(d, resumed))
        {
            return await FailAsync(d, CreationFailures.QuotaUnavailable, e.Message, ct);
        }
    }

    /// <summary>One that stood still for long may have lost its room to another phone.</summary>
    /// <returns>False: it has, and is given up.</returns>
    async Task<bool> IsStillReservedAsync(Device d, CancellationToken ct)
    {
        if (d.Step is CreationStep.Requested or CreationStep.Announced || clock.GetUtcNow() - d.CreatedAt < Patience)
            return true;
        try
        {
            var answer = await quotas.RenewAsync(d, ct);
            return answer.IsReserved
                || !await FailAsync(d, CreationFailures.QuotaExceeded, QuotaRefusal.Write(answer), ct);
        }
        catch (SiblingUnavailableException) when (options.QuotaAllowOnError)
        {
            return true;
        }
    }

    async Task<bool> PlaceAsync(Device d, CancellationToken ct)
    {
        var placed = await placements.PlaceAsync(d, ct);
        if (placed.Outcome != "placed")
            return await (placed.Outcome switch
            {
                CreationFailures.NoReservation => FailAsync(d, placed.Outcome, "There is no such reservation.", ct),
                CreationFailures.ReservationDiffers => FailAsync(
                    d, placed.Outcome, "It was reserved for a phone of another size.", ct),
                CreationFailures.ReservationNotReady => FailAsync(
                    d, placed.Outcome, $"The reservation is not ready: it is {placed.ReservationState}.", ct),
                _ => FailAsync(d, CreationFailures.NoCapacity, "No node has room for this phone now.", ct),
            });
        (d.NodeId, d.NodeName) = (placed.NodeId, placed.NodeName);
        return await DoneAsync(d, CreationStep.Placed, ct);
    }

    async Task<bool> AnnounceAsync(Device d, CancellationToken ct)
    {
        await quotas.ReportAsync(d, UsageReport.Increment, ct);
        var now = clock.GetUtcNow();
        d.BootDeadline = now + options.BootLimit;
        outbox.Add(new DeviceCreated(
            d.Id, d.UserId, d.Name, d.DeviceType, d.CpuCores, d.MemoryGB, d.NodeId!.Value, d.CreatedAt, d.Version + 1,
            d.StorageGB));
        return await DoneAsync(d, CreationStep.Announced, ct);
    }

    async Task<bool> DoneAsync(Device d, CreationStep step, CancellationToken ct)
    {
        d.Step = step;
        d.DueAt = clock.GetUtcNow() + DeviceMoves.StandStill;
        await db.SaveChangesAsync(ct);
        return true;
    }

    async Task<bool> FailAsync(Device d, string code, string reason, CancellationToken ct)
    {
        (d.FailureCode, d.FailureReason) = (code, reason);
        moves.Move(d, Trigger.CreationFailed, code);
        await db.SaveChangesAsync(ct);
        return true;
    }

    async Task<bool> WaitAsync(Device d, CancellationToken ct)
    {
        d.DueAt = clock.GetUtcNow() + DeviceMoves.StandStill;
        await db.SaveChangesAsync(ct);
        queue.AddLater(d.Id, RetryAfter);
        return false;
    }

    bool IsPatient(Device d, bool resumed) => resumed && clock.GetUtcNow() - d.CreatedAt < Patience;
}
