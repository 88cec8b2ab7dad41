using CloudPhone.Adb;
using CloudPhone.Adb.Shell;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers;
using CloudPhone.Devices.Supervision;

namespace CloudPhone.Devices.Health;

/// <summary>Looks at a phone that should run: its container, its adbd, and whether Android answers.</summary>
sealed class PhoneCheck(
    DeviceDb db, DeviceMoves moves, IDeviceProvider provider, AdbPhones phones, CheckCounter counter,
    BootWatch watch, TimeProvider clock)
{
    const int Tries = 3;
    /// <summary>A container whose end is near is not yet seen to have ended when its adbd is gone.</summary>
    static readonly TimeSpan Between = TimeSpan.FromSeconds(1);
    /// <summary>Generous: a machine may be busy for a while, and a phone that is restarted for that costs its user
    /// more.</summary>
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <returns>True where it is broken, which its row says then.</returns>
    public async Task<bool> RunAsync(Device d, CancellationToken ct)
    {
        try
        {
            if (await FaultOfAsync(d, ct) is not var (fault, reason))
            {
                counter.Add("well");
                return false;
            }
            counter.Add("broken");
            if (WasWell(d, fault))
                d.RecoveryAttempts = 0;
            moves.Move(d, Trigger.Crashed, reason, fault);
        }
        catch (ProviderException)
        {
            counter.Add("unknown");
            return false; // the provider is ill, of the phone nothing is known
        }
        d.DueAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
        return true;
    }

    /// <summary>What broke it has nothing to do with what it was healed of: it ran for a while, or ended before this
    /// service began, as with the platform.</summary>
    bool WasWell(Device d, Fault fault)
    {
        var at = fault.At ?? clock.GetUtcNow();
        return at - d.StatusSince >= Recovery.Steady || at < watch.Since;
    }

    async Task<(Fault, string)?> FaultOfAsync(Device d, CancellationToken ct)
    {
        (Fault, string)? found = null;
        for (var i = 0; i < Tries; i++)
        {
            var state = await provider.GetStateAsync(d.Id, ct);
            if (!state.Running)
                return Fault.OfEnd(state.End);
            found = await AnswerAsync(d.Id, state, ct);
            if (found is null)
                return null;
            await Task.Delay(Between, clock, ct);
        }
        return found;
    }

    async Task<(Fault, string)?> AnswerAsync(Guid id, PhoneState state, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            if (state.Adb is not null)
                return await phones.Of(id).IsBootedAsync(either.Token) ? null
                    : (Fault.NotResponding, "Android is not up in the phone.");
        }
        catch (AdbException e) when (e.Fault != AdbFault.Unreachable)
        {
            return (Fault.NotResponding, "The phone does not answer.");
        }
        catch (AdbException)
        {
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (Fault.NotResponding, "The phone does not answer.");
        }
        return (Fault.AdbDisconnected, "The phone's adbd can't be reached.");
    }
}
