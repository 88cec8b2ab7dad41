using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Brings a phone up and says when it is, or that it never was.</summary>
sealed class Booting(
    DeviceDb db, DeviceMoves moves, IDeviceProvider provider, BootWatch watch, WorkSignals signals,
    TimeProvider clock, DeviceOptions options)
{
    /// <returns>False where the phone needs more time.</returns>
    public async Task<bool> StepAsync(Device d, CancellationToken ct)
    {
        d.BootDeadline ??= clock.GetUtcNow() + options.BootLimit;
        try
        {
            var state = await provider.GetStateAsync(d.Id, ct);
            if (await watch.IsBootedAsync(d.Id, state, ct))
                return await BootedAsync(d, ct);
            if (!BeginAgain(d, state))
                return await WentDownAsync(d, state.End, ct);
            if (clock.GetUtcNow() >= d.BootDeadline)
                return await TimedOutAsync(d, ct);
            if (!state.Exists)
                await provider.CreateAsync(d.Spec, ct); // on its data
            if (!state.Running)
            {
                await provider.StartAsync(d.Id, ct);
                watch.NoteStart(d.Id, d.StatusSince);
            }
        }
        catch (ProviderException e) when (d.Status == DeviceStatus.Creating)
        {
            return await GiveUpCreationAsync(d, Trigger.CreationFailed, CreationFailures.ProviderFailed, e.Message, ct);
        }
        catch (ProviderException e)
        {
            return await MovedAsync(d, Trigger.Crashed, e.Message, Fault.StartFailed, ct);
        }
        d.DueAt = clock.GetUtcNow() + DeviceMoves.StandStill;
        await db.SaveChangesAsync(ct);
        watch.Watch(d.Id);
        return false;
    }

    /// <summary>
    /// One that this process has not started yet in this boot is off because it was to be, or went down with the
    /// platform: it has the whole time from then on, and no try of it is spent. Clocks of hosts are not asked. A new
    /// phone is begun again a few times, for it has nothing yet that could be healed.
    /// </summary>
    /// <returns>False: it has gone down in this boot, and that is not to be done again here.</returns>
    bool BeginAgain(Device d, PhoneState state)
    {
        if (state.Running)
            return true;
        if (!watch.HasStarted(d.Id, d.StatusSince))
        {
            var whole = watch.Since + options.BootLimit;
            d.BootDeadline = d.BootDeadline > whole ? d.BootDeadline : whole;
            return true;
        }
        if (d.Status != DeviceStatus.Creating || d.RecoveryAttempts >= Recovery.MaxAttempts)
            return false;
        d.RecoveryAttempts++;
        return true;
    }

    /// <summary>A phone that goes down at every start is healed as any that is broken is, with pauses and a limit: also
    /// one that ends in order.</summary>
    async Task<bool> WentDownAsync(Device d, PhoneEnd? end, CancellationToken ct)
    {
        var (fault, reason) = Fault.OfEnd(end);
        return d.Status == DeviceStatus.Creating
            ? await GiveUpCreationAsync(d, Trigger.CreationFailed, CreationFailures.ProviderFailed, reason, ct)
            : await MovedAsync(d, Trigger.Crashed, reason, fault, ct);
    }

    /// <returns>True where there is more to do at once.</returns>
    async Task<bool> BootedAsync(Device d, CancellationToken ct)
    {
        d.StopAfterBoot ??= await db.StopReasonAsync(d.UserId, ct); // it may have changed while it booted
        if (d.Status == DeviceStatus.Creating)
            d.RecoveryAttempts = 0; // it was begun again, and never broken
        moves.Move(d, Trigger.Booted);
        watch.Forget(d.Id);
        (d.RecoveryMethod, d.BootDeadline) = (null, null);
        await db.SaveChangesAsync(ct);
        signals.Of<AppSurvey>().Wake(); // what waited for it to run
        signals.Of<Install>().Wake();
        return d.StopAfterBoot is not null; // else it is at rest, and has just said that it is well
    }

    async Task<bool> TimedOutAsync(Device d, CancellationToken ct)
    {
        var reason = $"The phone has not booted within {options.BootLimit.TotalSeconds:0} seconds.";
        if (d.Status == DeviceStatus.Creating)
            return await GiveUpCreationAsync(d, Trigger.BootTimedOut, CreationFailures.BootTimedOut, reason, ct);
        return await MovedAsync(d, Trigger.BootTimedOut, reason, Fault.BootTimedOut, ct);
    }

    async Task<bool> GiveUpCreationAsync(Device d, Trigger trigger, string code, string reason, CancellationToken ct)
    {
        (d.FailureCode, d.FailureReason) = (code, reason);
        return await MovedAsync(d, trigger, reason, null, ct);
    }

    async Task<bool> MovedAsync(Device d, Trigger trigger, string reason, Fault? fault, CancellationToken ct)
    {
        d.BootDeadline = null;
        watch.Forget(d.Id);
        moves.Move(d, trigger, reason, fault);
        await db.SaveChangesAsync(ct);
        return true;
    }
}
