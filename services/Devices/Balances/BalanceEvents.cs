using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Balances;

/// <summary>What a user's balance does to the phones.</summary>
static class BalanceEvents
{
    /// <summary>Stops all phones of a user whose balance is used up.</summary>
    public static async Task OnExhausted(
        BillingBalanceExhausted e, DeviceDb db, Commands commands, ResumeQueue queue, HttpContext http,
        CancellationToken ct)
    {
        if (!await TakeAsync(e.UserId, true, e.BalanceVersion ?? 0, e.BalanceVersion is null, db, ct))
            return; // it was paid meanwhile
        await StopAll.Of(e.UserId, StopReasons.Balance, db, commands, queue, http, ct);
    }

    /// <summary>A positive balance ends it, and so does a plan, whose hours are there whatever debt is left. Of others
    /// only credits are kept, as an exhaustion may come after them.</summary>
    public static async Task OnBalanceUpdated(UserBalanceUpdated e, DeviceDb db, CancellationToken ct)
    {
        var isPlan = e.Reason == "plan";
        if (e.Reason == "plan-refunded")
            return; // the refund takes it off again with the next event
        if ((e.Balance <= 0 && !isPlan) || (e.Delta <= 0 && !isPlan && !await db.IsExhaustedAsync(e.UserId, ct))
            || !await TakeAsync(e.UserId, false, e.Version, false, db, ct))
            return;
        await db.Devices.Where(d => d.UserId == e.UserId && d.StopAfterBoot == StopReasons.Balance)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.StopAfterBoot, (string?)null), ct);
    }

    /// <param name="always">Whatever the version: the publisher was too old to tell it.</param>
    /// <returns>False: something later was here before.</returns>
    static async Task<bool> TakeAsync(
        Guid userId, bool isExhausted, long version, bool always, DeviceDb db, CancellationToken ct)
    {
        var row = db.Balances.Where(b => b.UserId == userId);
        // an exhaustion is seen at the version of the debit before it, so both never have the same one as a credit
        while (await row.Where(b => always || b.BalanceVersion <= version).ExecuteUpdateAsync(s => s
            .SetProperty(b => b.IsExhausted, isExhausted)
            .SetProperty(b => b.BalanceVersion, b => always ? b.BalanceVersion : version), ct) == 0)
        {
            if (await row.AnyAsync(ct))
                return false;
            var first = db.Add(
                new ExhaustedBalance { UserId = userId, IsExhausted = isExhausted, BalanceVersion = version });
            try
            {
                await db.SaveChangesAsync(ct);
                return true;
            }
            catch (DbUpdateException x) when (DatabaseErrors.IsDuplicate(x))
            {
                first.State = EntityState.Detached; // another event was faster: look whether it was a later one
            }
        }
        return true;
    }
}
