using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Supervision;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Finds phones that should run but don't, and restarts them on their data, three times before it gives
/// up.</summary>
sealed class Recovery(
    DeviceDb db, DeviceMoves moves, IDeviceProvider provider, ResumeQueue queue, TimeProvider clock,
    DeviceOptions options)
{
    public const int MaxAttempts = 3;
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    /// <summary>Looks at a phone that should run.</summary>
    public async Task<bool> CheckAsync(Device d, CancellationToken ct)
    {
        PhoneState state;
        try
        {
            state = await provider.GetStateAsync(d.Id, ct);
            if (state.Running)
                return false;
        }
        catch (ProviderException)
        {
            return false; // the provider is ill, of the phone nothing is known
        }
        if (state.End is { IsOrderly: true } end)
            moves.Move(d, Trigger.Crashed, "The phone was shut down with its host.", Fault.HostStopped(end.At));
        else
            moves.Move(
                d, Trigger.Crashed, "The phone's container has ended.", Fault.ContainerCrashed(state.End?.At));
        d.DueAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>The next try for a phone that is broken, once its time has come.</summary>
    public async Task<bool> StepAsync(Device d, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var earliest = d.StatusSince + Pause(d.RecoveryAttempts);
        if (now < earliest)
        {
            d.DueAt = earliest + DeviceMoves.StandStill;
            await db.SaveChangesAsync(ct);
            queue.AddLater(d.Id, earliest - now);
            return false;
        }
        if (d.RecoveryAttempts >= MaxAttempts)
        {
            moves.Move(d, Trigger.GiveUp, $"The phone could not be recovered in {MaxAttempts} tries.");
        }
        else
        {
            await SwitchOffAsync(d, ct);
            d.RecoveryAttempts++;
            d.BootDeadline = now + options.BootLimit;
            moves.Move(d, Trigger.Recover, $"try {d.RecoveryAttempts}");
        }
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>One that hangs in its boot is switched off first; one that can't be is restarted all the
    /// same.</summary>
    async Task SwitchOffAsync(Device d, CancellationToken ct)
    {
        try
        {
            await provider.StopAsync(d.Id, ct);
        }
        catch (ProviderException)
        {
        }
    }

    static TimeSpan Pause(int attempts)
    {
        if (attempts == 0)
            return TimeSpan.Zero;
        var seconds = FirstPause.TotalSeconds * Math.Pow(4, attempts - 1);
        return TimeSpan.FromSeconds(Math.Min(seconds, MaxPause.TotalSeconds));
    }
}
