using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Snapshots;

sealed record SnapshotRequest(string Name);

sealed record SnapshotAnswer(Guid SnapshotId, Guid OperationId);

sealed record RestoreRequest(Guid SnapshotId);

sealed record RestoreAnswer(Guid OperationId);

/// <param name="Bytes">Null until it is ready.</param>
sealed record SnapshotView(
    Guid Id, Guid DeviceId, Guid UserId, string Name, SnapshotStatus Status, long? Bytes, DateTimeOffset CreatedAt)
{
    public static SnapshotView Of(Snapshot s) =>
        new(s.Id, s.DeviceId, s.UserId, s.Name, s.Status, s.Bytes, s.CreatedAt);
}

static class SnapshotRoutes
{
    public static void MapSnapshots(this RouteGroupBuilder devices)
    {
        devices.MapPost("/{id:guid}/snapshots", Take).WithName("TakeSnapshot").ProducesProblem(400)
            .ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Copies a phone's data; one that runs is switched off for so long.");
        devices.MapPost("/{id:guid}/restore", Restore).WithName("RestoreSnapshot").ProducesProblem(404)
            .ProducesProblem(409).WithSummary("Puts a snapshot's data in place of a phone's.");
        devices.MapGet("/snapshots", List).WithName("ListSnapshots").ProducesProblem(400)
            .WithSummary("The caller's snapshots, newest first, of one phone or of all; operators see all.");
        devices.MapDelete("/snapshots/{snapshotId:guid}", Delete).WithName("DeleteSnapshot").ProducesProblem(404)
            .ProducesProblem(409).WithSummary("Removes a snapshot; phones that were made from it stay.");
    }

    static async Task<Results<Accepted<SnapshotAnswer>, ProblemHttpResult>> Take(
        Guid id, SnapshotRequest request, CurrentUser user, DeviceDb db, SnapshotOrders orders, ResourceIds ids,
        CancellationToken ct)
    {
        if (await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is not
            { } device)
            return Problems.NotFound("device");
        if (!Device.IsName(request.Name))
            return Problems.BadRequest("bad-request", Device.NameRule);
        var snapshotId = ids.New();
        if (await AddedAsync(
            db, () => orders.TakeAsync(device, request.Name.Trim(), snapshotId, user.Id, ct), ct) is { } refused)
            return refused;
        return TypedResults.Accepted(
            $"/api/devices/operations/{snapshotId}", new SnapshotAnswer(snapshotId, snapshotId));
    }

    static async Task<Results<Accepted<RestoreAnswer>, ProblemHttpResult>> Restore(
        Guid id, RestoreRequest request, CurrentUser user, DeviceDb db, SnapshotOrders orders, ResourceIds ids,
        CancellationToken ct)
    {
        if (await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is not
            { } device)
            return Problems.NotFound("device");
        var operationId = ids.New();
        if (await AddedAsync(
            db, () => orders.RestoreAsync(device, request.SnapshotId, operationId, user.Id, ct), ct) is { } refused)
            return refused;
        return TypedResults.Accepted($"/api/devices/operations/{operationId}", new RestoreAnswer(operationId));
    }

    /// <summary>Checks and adds in one transaction.</summary>
    static Task<ProblemHttpResult?> AddedAsync(
        DeviceDb db, Func<Task<ProblemHttpResult?>> add, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        db.ChangeTracker.Clear(); // of a try that the database broke off
        if (await add() is { } refused)
            return refused;
        await db.SaveChangesAsync(ct);
        return null;
    }, ct);

    static async Task<Ok<Page<SnapshotView>>> List(
        Guid? deviceId, PageRequest page, CurrentUser user, DeviceDb db, CancellationToken ct) =>
        TypedResults.Ok((await Visible(db, user).Where(s => deviceId == null || s.DeviceId == deviceId)
            .ToPageAsync(page, ct)).Select(SnapshotView.Of));

    /// <summary>Its data go soon; from now on nothing can be made of it.</summary>
    static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid snapshotId, CurrentUser user, DeviceDb db, SnapshotSweep sweep, CancellationToken ct)
    {
        if (!await Visible(db, user).AnyAsync(s => s.Id == snapshotId, ct))
            return Problems.NotFound("snapshot");
        var isFree = await db.InTransactionAsync(async () =>
        {
            var row = db.Snapshots.Where(s => s.Id == snapshotId);
            // written first: who makes something of it at this moment comes before this, or finds it gone
            await row.ExecuteUpdateAsync(s => s.SetProperty(x => x.Status, x => x.Status), ct);
            return !await db.OperationItems.AnyAsync(i => i.SnapshotId == snapshotId && i.EndedAt == null, ct)
                && await row.ExecuteUpdateAsync(s => s.SetProperty(x => x.Status, SnapshotStatus.Deleting), ct) == 1;
        }, ct);
        if (!isFree)
            return Problems.Conflict("busy", "It is being copied. Try again when that is over.");
        sweep.Wake();
        return TypedResults.NoContent();
    }

    static IQueryable<Snapshot> Visible(DeviceDb db, CurrentUser user) => db.Snapshots.Where(s =>
        s.Status != SnapshotStatus.Deleting && (user.IsOperator || s.UserId == user.Id));
}
