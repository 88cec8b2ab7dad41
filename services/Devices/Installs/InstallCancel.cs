using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>Takes back what waits to come onto a phone, as for one that is off.</summary>
sealed class InstallCancel(DeviceDb db, TimeProvider clock)
{
    const string Reason = "It was cancelled before it began.";

    /// <param name="removal">Has nothing to do any more: it records that the app is not on the phone.</param>
    /// <param name="userId">Who asked for it.</param>
    /// <returns>Why not; null: it is done, now or before.</returns>
    public Task<ProblemHttpResult?> CancelAsync(Install removal, Guid userId, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
        {
            db.ChangeTracker.Clear(); // of a try that the database broke off
            return await db.Installs.AnyAsync(i => i.Id == removal.Id, ct) ? null
                : await EndAsync(removal, userId, ct);
        }, ct);

    async Task<ProblemHttpResult?> EndAsync(Install removal, Guid userId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var waiting = db.Installs.Where(i => i.DeviceId == removal.DeviceId && i.AppId == removal.AppId
            && i.Status == InstallStatus.Pending);
        if (await waiting.OrderByDescending(i => i.Id).AsNoTracking().FirstOrDefaultAsync(ct) is not { } last)
            return Problems.Conflict("not-installed", "This app is not on this phone.");
        // each is due at once, for the app service to be told
        var ended = await waiting
            .Where(_ => !waiting.Any(i => i.LeaseId != null && i.NextAttemptAt > now)) // of who died it is free
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.Status, InstallStatus.Failed)
                .SetProperty(i => i.Error, Reason).SetProperty(i => i.Attempts, 0)
                .SetProperty(i => i.Step, (InstallStep?)null).SetProperty(i => i.Progress, (int?)null)
                .SetProperty(i => i.LeaseId, (Guid?)null).SetProperty(i => i.NextAttemptAt, now), ct);
        if (ended == 0)
            return Problems.Conflict("busy", "This app is being installed. Try again when that is over.");
        Record(removal, last, userId, now);
        await db.SaveChangesAsync(ct);
        return null;
    }

    void Record(Install removal, Install last, Guid userId, DateTimeOffset now)
    {
        (removal.Status, removal.NextAttemptAt) = (InstallStatus.Uninstalled, null);
        (removal.AppName, removal.PackageName, removal.Version) = (last.AppName, last.PackageName, last.Version);
        var (operation, item) = Operation.OfOne(
            removal.Id, OperationAction.Uninstall, removal.DeviceId, userId, now);
        item.AppId = removal.AppId;
        item.Begin(now);
        item.Succeed(now);
        db.AddRange(removal, operation, item);
    }
}
