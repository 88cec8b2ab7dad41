using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>What users do with an app that is on a phone.</summary>
static class AppChangeRoutes
{
    public static void MapAppChanges(this RouteGroupBuilder devices)
    {
        devices.MapPost("/{id:guid}/apps/{appId:guid}/update", Update).WithName("UpdateApp")
            .WithSummary("Queues the newest version of an app that is on the phone; 409 where it has that already.")
            .ProducesProblem(404).ProducesProblem(409);
        devices.MapDelete("/{id:guid}/apps/{appId:guid}", Uninstall).WithName("UninstallApp")
            .WithSummary("Queues the removal of an app that is on the phone, or takes back an install that waits.")
            .ProducesProblem(404).ProducesProblem(409);
    }

    static async Task<Results<Accepted<InstallAnswer>, ProblemHttpResult>> Update(
        Guid id, Guid appId, CurrentUser user, DeviceDb db, AppChanges changes, CancellationToken ct)
    {
        if (await DeviceAsync(db, user, id, ct) is not { } device)
            return Problems.NotFound("device");
        var update = changes.New(device, appId, InstallKind.Update);
        if (await changes.OnPhoneAsync(update, ct) is not { } there)
            return NotInstalled();
        return Answer(update, await changes.QueueAsync(update, there, device.Status, user.Id, ct));
    }

    static async Task<Results<Accepted<InstallAnswer>, ProblemHttpResult>> Uninstall(
        Guid id, Guid appId, CurrentUser user, DeviceDb db, AppChanges changes, InstallCancel cancel,
        CancellationToken ct)
    {
        if (await DeviceAsync(db, user, id, ct) is not { } device)
            return Problems.NotFound("device");
        var removal = changes.New(device, appId, InstallKind.Uninstall);
        return Answer(removal, await changes.OnPhoneAsync(removal, ct) is { } there
            ? await changes.QueueAsync(removal, there, device.Status, user.Id, ct)
            : await cancel.CancelAsync(removal, user.Id, ct));
    }

    static Task<Device?> DeviceAsync(DeviceDb db, CurrentUser user, Guid id, CancellationToken ct) =>
        db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct);

    public static ProblemHttpResult NotInstalled() =>
        Problems.Conflict("not-installed", "This app is not on this phone.");

    static Results<Accepted<InstallAnswer>, ProblemHttpResult> Answer(Install change, ProblemHttpResult? refused)
    {
        if (refused is not null)
            return refused;
        return TypedResults.Accepted(
            $"/api/devices/{change.DeviceId}/apps", new InstallAnswer(change.Id, change.Id));
    }
}
