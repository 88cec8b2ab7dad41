using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <param name="InstallId">Given by the app service for what it starts itself: the same id installs once. Not for
/// users.</param>
sealed record InstallRequest(Guid AppId, Guid? InstallId = null);

/// <param name="OperationId">What tells how it went; null for services.</param>
sealed record InstallAnswer(Guid InstallId, Guid? OperationId);

static class InstallRoutes
{
    public static void MapInstalls(this RouteGroupBuilder devices)
    {
        devices.MapPost("/{id:guid}/install", Queue).WithName("InstallApp")
            .WithSummary("Queues an app for a phone; it is installed as soon as the phone runs.")
            .ProducesProblem(404).ProducesProblem(409).RequireAuthorization(Policies.UserOrService);
        devices.MapAppChanges();
        devices.MapGet("/{id:guid}/apps", List).WithName("ListDeviceApps")
            .WithSummary("The apps of a phone, with the last that was asked for with each, and how far that is.")
            .ProducesProblem(404).RequireAuthorization(Policies.UserOrService);
    }

    static async Task<Results<Accepted<InstallAnswer>, ProblemHttpResult>> Queue(
        Guid id, InstallRequest request, CurrentUser user, DeviceDb db, InstallQueue queue, ResourceIds ids,
        TimeProvider clock, CancellationToken ct)
    {
        var device = await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct);
        if (device is null)
            return Problems.NotFound("device");
        if (request.InstallId is not null && !user.IsService)
            return Problems.BadRequest("bad-request", "installId is for services: leave it out.");
        var now = clock.GetUtcNow();
        var install = New(device, request.AppId, request.InstallId ?? ids.New(), now);
        if (await queue.AddAsync(install, device.Status, user.IsService, user.IsService ? null : Follow, ct) is { } why)
            return why;
        return TypedResults.Accepted($"/api/devices/{id}/apps",
            new InstallAnswer(install.Id, user.IsService ? null : install.Id));

        void Follow()
        {
            var (operation, item) = Operation.OfOne(install.Id, OperationAction.Install, id, user.Id, now);
            item.AppId = install.AppId;
            item.Begin(now);
            db.AddRange(operation, item);
        }
    }

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
        return TypedResults.Ok((await last.ToPageAsync(page, ct)).Select(DeviceAppView.Of));
    }
}
