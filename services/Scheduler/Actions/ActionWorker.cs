using CloudPhone.Contracts;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Actions;

/// <summary>
/// Tells the device service what is due. Events, the note of the run and the next moment are one change, which only the
/// replica that has the row can make: each moment is told once.
/// </summary>
sealed class ActionWorker(DueWorkerParts parts, ILogger<ActionWorker> log)
    : DueWorker<SchedulerDb, TimedAction>(parts, log)
{
    /// <summary>What is later than this was missed.</summary>
    public static readonly TimeSpan OnTime = TimeSpan.FromMinutes(1);

    protected override string What => "timed action";

    protected override async Task<DateTimeOffset?> TryAsync(
        TimedAction row, IServiceProvider services, CancellationToken ct)
    {
        var now = Clock.GetUtcNow();
        if (row.NextRunAt is not { } due || due > now)
            return row.NextRunAt; // it was changed meanwhile
        var db = services.GetRequiredService<SchedulerDb>();
        var devices = await ThoseThatAreAsync(db, row, ct);
        if (devices.Count == 0)
        {
            row.NextRunAt = null;
            return null;
        }
        var table = Timetable.Of(row);
        var missed = 0;
        DateTimeOffset? next;
        while ((next = table.After(due)) <= now)
            (due, missed) = (next.Value, missed + 1);
        var isLate = now - due > OnTime;
        var run = new ActionRun
        {
            Id = Guid.CreateVersion7(now), ActionId = row.Id, DueAt = due, At = now, MissedBefore = missed,
            Outcome = isLate && row.Missed == MissedRuns.Skip ? RunOutcome.Skipped : RunOutcome.Begun,
            Devices = devices.Count,
        };
        db.Add(run);
        if (run.Outcome == RunOutcome.Begun)
            Tell(services.GetRequiredService<Outbox>(), row, run, devices, now);
        row.NextRunAt = next;
        return next;
    }

    /// <summary>An event of a deletion may be late, and one of a creation is never: phones have a placement
    /// first.</summary>
    static async Task<List<Guid>> ThoseThatAreAsync(SchedulerDb db, TimedAction row, CancellationToken ct)
    {
        var all = await db.ActionDevices.Where(d => d.ActionId == row.Id).ToListAsync(ct);
        var gone = await db.ActionDevices.Where(d => d.ActionId == row.Id
            && db.Placements.Any(p => p.DeviceId == d.DeviceId && p.State == PlacementState.Released))
            .Select(d => d.DeviceId).ToListAsync(ct);
        db.RemoveRange(all.Where(d => gone.Contains(d.DeviceId)));
        return [.. all.Select(d => d.DeviceId).Except(gone)];
    }

    static void Tell(Outbox outbox, TimedAction a, ActionRun run, List<Guid> devices, DateTimeOffset now)
    {
        foreach (var device in devices)
            outbox.Add(new SchedulerActionDue(
                a.Id, device, a.UserId, a.Kind.ToString().ToLowerInvariant(), run.DueAt, a.AppId,
                Guid.CreateVersion7(now), a.SnapshotName));
    }
}
