using CloudPhone.Devices.Placement;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>How a try to recover goes about it, as words of <c>device.recovered</c>.</summary>
static class RecoveryMethods
{
    public const string Restart = "restart";
    /// <summary>A new container on the same data.</summary>
    public const string Recreate = "recreate";
    /// <summary>On another node, on its data where the nodes share them.</summary>
    public const string Move = "relocate";
}

/// <summary>
/// Heals what is broken: restarts it, then makes its container anew on the same data, then moves it to another node,
/// with growing pauses, before it gives up. On a node that is away it begins with the last.
/// </summary>
sealed class Recovery(
    DeviceDb db, DeviceMoves moves, IDeviceProvider provider, Placements placements, ResumeQueue queue,
    TimeProvider clock, DeviceOptions options)
{
    public const int MaxAttempts = 3;

    /// <summary>What breaks sooner than that after it was healed was not: the tries before count.</summary>
    public static readonly TimeSpan Steady = TimeSpan.FromMinutes(2);
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);

    /// <summary>The next try for a phone that is broken, once its time has come.</summary>
    public async Task<bool> StepAsync(Device d, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (d.RecoveryAttempts >= MaxAttempts)
        {
            moves.Move(d, Trigger.GiveUp, $"The phone could not be recovered in {MaxAttempts} tries.");
            await db.SaveChangesAsync(ct);
            return true;
        }
        var earliest = d.StatusSince + Pause(d.RecoveryAttempts);
        if (now < earliest)
        {
            d.DueAt = earliest + DeviceMoves.StandStill;
            await db.SaveChangesAsync(ct);
            queue.AddLater(d.Id, earliest - now);
            return false;
        }
        d.RecoveryMethod = await PrepareAsync(d, ct);
        d.RecoveryAttempts++;
        d.BootDeadline = now + options.BootLimit;
        moves.Move(d, Trigger.Recover, $"try {d.RecoveryAttempts}: {d.RecoveryMethod}");
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>
    /// Each of it may be done again after a crash in its middle; the boot makes what is missing then.
    /// </summary>
    async Task<string> PrepareAsync(Device d, CancellationToken ct)
    {
        if ((d.RecoveryAttempts >= MaxAttempts - 1 || !await IsNodeThereAsync(d, ct)) && await MoveAsync(d, ct))
            return RecoveryMethods.Move;
        var method = d.RecoveryAttempts == 0 ? RecoveryMethods.Restart : RecoveryMethods.Recreate;
        // one that hangs is off first; one that can't be switched off is started all the same
        await TryAsync(() => method == RecoveryMethods.Restart
            ? provider.StopAsync(d.Id, ct) : provider.DiscardAsync(d.Id, ct));
        return method;
    }

    Task<bool> IsNodeThereAsync(Device d, CancellationToken ct) => TryAsync(() => provider.GetStateAsync(d.Id, ct));

    /// <returns>False where no other node has room, or nobody can say.</returns>
    async Task<bool> MoveAsync(Device d, CancellationToken ct)
    {
        try
        {
            if (await placements.MoveAsync(d, ct) is not { NodeId: { } node } there)
                return false;
            // what a node that is away still has of it is removed when that is back
            await TryAsync(() => provider.DiscardAsync(d.Id, ct));
            (d.NodeId, d.NodeName) = (node, there.NodeName);
            return true;
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
        {
            return false;
        }
    }

    static async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (ProviderException)
        {
            return false;
        }
    }

    static TimeSpan Pause(int attempts) => attempts == 0 ? TimeSpan.Zero : FirstPause * Math.Pow(4, attempts - 1);
}
