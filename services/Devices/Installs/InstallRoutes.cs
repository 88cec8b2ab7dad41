using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <param name="InstallId">Given by the app service for what it starts itself: the same id installs once. Not for
/// users.</param>
sealed record InstallRequest(Guid AppId, Guid? InstallId = null);

sealed record InstallAnswer(Guid InstallId);

sealed record DeviceAppView(
    Guid AppId, string? PackageName, string? Version, InstallStatus Status, Guid InstallId, string? AppName,
    string? Error);

static class InstallRoutes
{
    const int MaxPending = 100;

    public static void MapInstalls(this RouteGroupBuilder devices)
    {
        devices.MapPost("/{id:guid}/install", Queue).WithName("InstallApp")
            .WithSummary("Queues an app for a phone; it is installed as soon as the phone runs.")
            .ProducesProblem(404).ProducesProblem(409).RequireAuthorization(Policies.UserOrService);
        devices.MapGet("/{id:guid}/apps", List).WithName("ListDeviceApps")
            .WithSummary("The apps of a phone, with the last install of each.")
            .ProducesProblem(404).RequireAuthorization(Policies.UserOrService);
    }

    static async Task<Results<Accepted<InstallAnswer>, ProblemHttpResult>> Queue(
        Guid id, InstallRequest request, CurrentUser user, DeviceDb db, AppService apps, ResourceIds ids,
        TimeProvider clock, CancellationToken ct)
    {
        var device = await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct);
        if (device is null)
            return Problems.NotFound("device");
        if (request.InstallId is not null && !user.IsService)
            return Problems.BadRequest("bad-request", "installId is for services: leave it out.");
        var install = New(device, request.AppId, request.InstallId ?? ids.New(), clock.GetUtcNow());
        if (await db.Installs.AsNoTracking().SingleOrDefaultAsync(i => i.Id == install.Id, ct) is { } known)
            return Known(known, install);
        if (device.Status is DeviceStatus.Deleting or DeviceStatus.Failed)
            return Problems.Conflict("wrong-state", "Nothing can be installed on this phone any more.");
        if (await db.Installs.CountAsync(i => i.DeviceId == id && i.Status == InstallStatus.Pending, ct) >= MaxPending)
            return Problems.Conflict("too-many-installs", $"{MaxPending} apps wait for this phone already.");
        // what the app service starts itself it has checked; while it can't be asked the install waits, and may fail
        if (request.InstallId is null
            && await apps.CheckAsync(request.AppId, ct) is { Outcome: not "available" } refused)
            return refused.Outcome == "unknown-app" ? Problems.NotFound("app")
                : Problems.Conflict("app-not-available", "This app can't be installed any more.");
        db.Add(install);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            return Known(await db.Installs.AsNoTracking().SingleAsync(i => i.Id == install.Id, ct), install);
        }
        return TypedResults.Accepted($"/api/devices/{id}/apps", new InstallAnswer(install.Id));
    }

    static Results<Accepted<InstallAnswer>, ProblemHttpResult> Known(Install known, Install asked) =>
        known.DeviceId == asked.DeviceId && known.AppId == asked.AppId
            ? TypedResults.Accepted($"/api/devices/{asked.DeviceId}/apps", new InstallAnswer(known.Id))
            : Problems.Conflict("install-id-used", "This installId was used for something else.");

    public static Install New(Device device, Guid appId, Guid installId, DateTimeOffset now) => new()
    {
        Id = installId, DeviceId = device.Id, UserId = device.UserId, AppId = appId, NextAttemptAt = now,
        CreatedAt = now,
        RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
    };

    static async Task<Results<Ok<Page<DeviceAppView>>, ProblemHttpResult>> List(
        Guid id, PageRequest page, CurrentUser user, DeviceDb db, CancellationToken ct)
    {
        if (!await db.Devices.VisibleTo(user).AnyAsync(d => d.Id == id, ct))
            return Problems.NotFound("device");
        var last = db.Installs.Where(i => i.DeviceId == id
            && !db.Installs.Any(o => o.DeviceId == id && o.AppId == i.AppId
                && (o.CreatedAt > i.CreatedAt || (o.CreatedAt == i.CreatedAt && o.Id > i.Id))));
        return TypedResults.Ok((await last.ToPageAsync(page, ct)).Select(i =>
            new DeviceAppView(i.AppId, i.PackageName, i.Version, i.Status, i.Id, i.AppName, i.Error)));
    }
}
