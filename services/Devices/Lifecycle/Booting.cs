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
            BootAgain(d, state);
            if (clock.GetUtcNow() >= d.BootDeadline)
                return await TimedOutAsync(d, ct);
            if (!state.Exists)
                await provider.CreateAsync(d.Spec, ct); // on its data
            if (!state.Running)
                await provider.StartAsync(d.Id, ct);
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

    /// <summary>One that went down in its boot, as with its host, has the whole time again, a few times.</summary>
    void BootAgain(Device d, PhoneState state)
    {
        if (!(state.End?.At > d.StatusSince) || d.RecoveryAttempts >= Recovery.MaxAttempts)
            return;
        d.RecoveryAttempts++;
        d.BootDeadline = clock.GetUtcNow() + options.BootLimit;
    }

    /// <returns>True where there is more to do at once.</returns>
    async Task<bool> BootedAsync(Device d, CancellationToken ct)
    {
        d.StopAfterBoot ??= await db.StopReasonAsync(d.UserId, ct); // it may have changed while it booted
        moves.Move(d, Trigger.Booted);
        (d.RecoveryAttempts, d.RecoveryMethod, d.BootDeadline) = (0, null, null);
        await db.SaveChangesAsync(ct);
        signals.Of<Install>().Wake(); // what waited for it to run
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
        moves.Move(d, trigger, reason, fault);
        await db.SaveChangesAsync(ct);
        return true;
    }
}
