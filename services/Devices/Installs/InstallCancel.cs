using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>Takes back what waits to come onto a phone, as for one that is off.</summary>
sealed class InstallCancel(DeviceDb db, TimeProvider clock)
{
    /// <param name="removal">Records that the app is not on the phone; or removes it, where a try has come so far that
    /// it may be.</param>
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
            && i.Status == InstallStatus.Pending && i.Kind != InstallKind.Uninstall);
        // they are written first: what is read then holds until the end
        await waiting.ExecuteUpdateAsync(s => s.SetProperty(i => i.Status, InstallStatus.Pending), ct);
        var rows = await waiting.OrderBy(i => i.Id).ToListAsync(ct);
        if (rows.Count == 0)
            return AppChangeRoutes.NotInstalled();
        if (rows.Exists(i => i.LeaseId is not null && i.NextAttemptAt > now)) // of who died it is free
            return Problems.Conflict("busy", "This app is being installed. Try again when that is over.");
        foreach (var row in rows)
            End(row, now);
        var (operation, item) = Operation.OfOne(
            removal.Id, OperationAction.Uninstall, removal.DeviceId, userId, now);
        item.AppId = removal.AppId;
        item.Begin(now);
        // its name is written down before its first byte goes to the phone
        if (rows.LastOrDefault(i => i.PackageName is not null) is { } begun)
            (removal.AppName, removal.PackageName, removal.Version) = (begun.AppName, begun.PackageName, begun.Version);
        else
        {
            (removal.Status, removal.NextAttemptAt) = (InstallStatus.Uninstalled, null);
            item.Succeed(now);
        }
        db.AddRange(removal, operation, item);
        await db.SaveChangesAsync(ct);
        return null;
    }

    /// <summary>It is due at once, for the app service to be told.</summary>
    static void End(Install row, DateTimeOffset now)
    {
        (row.Status, row.Error, row.Attempts) = (InstallStatus.Failed, "It was cancelled.", 0);
        (row.Step, row.Progress, row.LeaseId, row.NextAttemptAt) = (null, null, null, now);
    }
}
