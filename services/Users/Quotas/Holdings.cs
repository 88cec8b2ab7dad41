using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Quotas;

/// <summary>A phone and what it takes.</summary>
sealed record Demand(Guid UserId, Guid DeviceId, int CpuCores, int MemoryGB);

enum HoldingOutcome
{
    /// <summary>The holding is in the state it has now; it may have been before.</summary>
    Done,

    NoRoom,
    UnknownUser,

    /// <summary>The phone is held for somebody else, or with another size.</summary>
    Mismatch,
}

/// <summary>
/// Applies triggers to holdings. The sums of the quota change by one conditional statement, which alone decides whether
/// there is room; the holding changes only from the state that was read, else everything is rolled back and done anew.
/// </summary>
sealed class Holdings(UsersDb db, TimeProvider clock)
{
    public static readonly TimeSpan ReservationTime = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(30);

    /// <returns>The outcome, and the holding's state: null where there is none.</returns>
    public async Task<(HoldingOutcome Outcome, HoldingState? State)> ApplyAsync(
        HoldingTrigger trigger, Demand demand, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await db.InTransactionAsync(() => TryApplyAsync(trigger, demand, ct), ct);
            }
            catch (Exception e) when (
                e is OvertakenException || (e is DbUpdateException d && DatabaseErrors.IsDuplicate(d)))
            {
                db.ChangeTracker.Clear();
            }
        }
    }

    async Task<(HoldingOutcome, HoldingState?)> TryApplyAsync(
        HoldingTrigger trigger, Demand demand, CancellationToken ct)
    {
        var held = await db.QuotaHoldings.AsNoTracking().SingleOrDefaultAsync(h => h.DeviceId == demand.DeviceId, ct);
        if (held is not null && (held.UserId != demand.UserId
                || (trigger == HoldingTrigger.Reserve && IsOtherSize(held, demand))))
            return (HoldingOutcome.Mismatch, held.State);
        if (trigger == HoldingTrigger.Expire && held?.ExpiresAt > clock.GetUtcNow())
            return (HoldingOutcome.Done, held.State);
        if (HoldingRules.Next(held?.State, trigger) is not { } next)
            return (HoldingOutcome.Done, held?.State);
        var before = held is null ? demand : demand with { CpuCores = held.CpuCores, MemoryGB = held.MemoryGB };
        var (size, effect) = (trigger == HoldingTrigger.Found ? demand : before, next.Effect);
        if (size != before && effect == Effect.None)
        {
            await ChangeSumsAsync(Effect.GiveBack, before, ct);
            effect = Effect.Take;
        }
        if (!await ChangeSumsAsync(effect, size, ct))
        {
            var isKnown = await db.Quotas.AnyAsync(q => q.UserId == demand.UserId, ct);
            return (isKnown ? HoldingOutcome.NoRoom : HoldingOutcome.UnknownUser, held?.State);
        }
        await ChangeHoldingAsync(held, next.To, size, ct);
        return (HoldingOutcome.Done, next.To);
    }

    static bool IsOtherSize(QuotaHolding held, Demand demand) =>
        held.CpuCores != demand.CpuCores || held.MemoryGB != demand.MemoryGB;

    async Task<bool> ChangeSumsAsync(Effect effect, Demand d, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var quota = db.Quotas.Where(q => q.UserId == d.UserId);
        if (effect == Effect.None)
            return await quota.AnyAsync(ct);
        if (effect == Effect.TakeWithinLimits)
            quota = quota.Where(q => (q.ValidUntil == null || q.ValidUntil > now)
                && q.CurrentDevices + 1 <= q.MaxDevices
                && q.UsedCpuCores + d.CpuCores <= q.TotalCpuCores && q.UsedMemoryGB + d.MemoryGB <= q.TotalMemoryGB);
        var sign = effect == Effect.GiveBack ? -1 : 1;
        return await quota.ExecuteUpdateAsync(s => s
            .SetProperty(q => q.CurrentDevices, q => q.CurrentDevices + sign)
            .SetProperty(q => q.UsedCpuCores, q => q.UsedCpuCores + sign * d.CpuCores)
            .SetProperty(q => q.UsedMemoryGB, q => q.UsedMemoryGB + sign * d.MemoryGB), ct) == 1;
    }

    async Task ChangeHoldingAsync(QuotaHolding? held, HoldingState to, Demand size, CancellationToken ct)
    {
        DateTimeOffset? expires = to switch
        {
            HoldingState.Counted => null,
            HoldingState.Reserved => clock.GetUtcNow() + ReservationTime,
            _ => clock.GetUtcNow() + Remembered,
        };
        if (held is null)
        {
            db.Add(new QuotaHolding
            {
                DeviceId = size.DeviceId, UserId = size.UserId, CpuCores = size.CpuCores, MemoryGB = size.MemoryGB,
                State = to, ExpiresAt = expires,
            });
            await db.SaveChangesAsync(ct);
            return;
        }
        var changed = await db.QuotaHoldings
            .Where(h => h.DeviceId == held.DeviceId && h.State == held.State && h.ExpiresAt == held.ExpiresAt)
            .ExecuteUpdateAsync(s => s.SetProperty(h => h.State, to).SetProperty(h => h.ExpiresAt, expires)
                .SetProperty(h => h.CpuCores, size.CpuCores).SetProperty(h => h.MemoryGB, size.MemoryGB), ct);
        if (changed == 0)
            throw new OvertakenException();
    }

    /// <summary>Somebody else changed the holding since it was read: rolls back.</summary>
    sealed class OvertakenException : Exception;
}
