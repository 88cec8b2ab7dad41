using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Metering;

/// <summary>Keeps a fact and makes the usage records that it touches anew.</summary>
static class Meter
{
    public static async Task ReadAsync(DeviceFact fact, BillingDb db, CancellationToken ct)
    {
        await TakeTurnAsync(db, fact.DeviceId, ct);
        if (await db.Facts.AnyAsync(f => f.DeviceId == fact.DeviceId && f.Version == fact.Version, ct))
            return;
        db.Add(fact);
        await db.SaveChangesAsync(ct);

        var (from, until, nextStart) = await WindowAsync(fact, db, ct);
        var facts = await db.Facts.AsNoTracking()
            .Where(f => f.DeviceId == fact.DeviceId && f.Version >= from && f.Version < until)
            .OrderBy(f => f.Version).ToListAsync(ct);
        var found = await db.Usage
            .Where(u => u.DeviceId == fact.DeviceId && u.FromVersion >= from && u.FromVersion < until)
            .OrderBy(u => u.FromVersion).ToListAsync(ct);
        var rates = await db.Rates.AsNoTracking().ToListAsync(ct);
        Settle(db, found, Runs.Of(facts, nextStart, rates));
        await db.SaveChangesAsync(ct);
    }

    /// <summary>Events of one device run one after the other, on PostgreSQL by the lock on its row.</summary>
    static async Task TakeTurnAsync(BillingDb db, Guid deviceId, CancellationToken ct)
    {
        while (await db.Devices.Where(d => d.DeviceId == deviceId)
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.Changes, d => d.Changes + 1), ct) == 0)
        {
            var first = db.Add(new MeteredDevice { DeviceId = deviceId });
            try
            {
                await db.SaveChangesAsync(ct);
                return;
            }
            catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
            {
                first.State = EntityState.Detached; // another event of the device was faster: wait behind it
            }
        }
    }

    /// <summary>
    /// The facts around the new one that can matter. A start with another start before it opens a record of its own
    /// whatever comes in between, so a long life is never read as a whole.
    /// </summary>
    static async Task<(long From, long Until, DateTimeOffset? NextStart)> WindowAsync(
        DeviceFact fact, BillingDb db, CancellationToken ct)
    {
        var starts = db.Facts.AsNoTracking().Where(f => f.DeviceId == fact.DeviceId && f.Kind == FactKind.Started);
        var before = await starts.Where(f => f.Version < fact.Version)
            .OrderByDescending(f => f.Version).Take(2).Select(f => f.Version).ToListAsync(ct);
        var after = await starts.Where(f => f.Version > fact.Version)
            .OrderBy(f => f.Version).Take(2).Select(f => new { f.Version, f.At }).ToListAsync(ct);
        var from = before is [var start, _] ? start : long.MinValue;
        return after is [_, var next] ? (from, next.Version, next.At) : (from, long.MaxValue, null);
    }

    /// <summary>Records keep their ids: the same run first, then what is left of both sides in order.</summary>
    static void Settle(BillingDb db, List<UsageRecord> found, List<UsageRecord> wanted)
    {
        var left = new List<UsageRecord>();
        foreach (var run in wanted)
        {
            if (found.Find(u => u.FromVersion == run.FromVersion) is { } same)
            {
                same.Take(run);
                found.Remove(same);
            }
            else
                left.Add(run);
        }
        foreach (var (record, run) in found.Zip(left))
            record.Take(run);
        db.AddRange(left.Skip(found.Count));
        foreach (var record in found.Skip(left.Count))
            if (record.StartedAt is null)
                db.Remove(record);
            else
                record.Void(); // it may have been charged, which is to be given back
    }
}
