using CloudPhone.Devices.Api;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Operations;

/// <param name="Action"><c>start</c>, <c>stop</c>, <c>restart</c>, <c>delete</c> or <c>install</c>.</param>
/// <param name="DeviceIds">1 to 100 phones; one that is named twice counts once.</param>
/// <param name="AppId">For <c>install</c>, and for nothing else.</param>
sealed record BatchRequest(string Action, IReadOnlyList<Guid> DeviceIds, Guid? AppId = null);

sealed record BatchAnswer(Guid OperationId);

static class BatchRoute
{
    const int MaxDevices = 100;
    /// <summary>Of one user's, with which nothing has been done yet.</summary>
    const int MaxWaiting = 500;

    public static void MapBatch(this RouteGroupBuilder devices) =>
        devices.MapPost("/batch", Handle).WithName("RunBatch").ProducesProblem(400).ProducesProblem(409)
            .WithSummary("Does the same with many phones; the operation has a result for each of them.");

    static async Task<Results<Accepted<BatchAnswer>, ProblemHttpResult>> Handle(
        BatchRequest request, CurrentUser user, DeviceDb db, ResourceIds ids, TimeProvider clock, CancellationToken ct)
    {
        OperationAction? action = request.Action switch
        {
            "start" => OperationAction.Start,
            "stop" => OperationAction.Stop,
            "restart" => OperationAction.Restart,
            "delete" => OperationAction.Delete,
            "install" => OperationAction.Install,
            _ => null,
        };
        if (action is null)
            return Problems.BadRequest("bad-request", "action is start, stop, restart, delete or install.");
        if (request.DeviceIds.Count is 0 or > MaxDevices)
            return Problems.BadRequest("bad-request", $"deviceIds has 1 to {MaxDevices} ids.");
        if ((action == OperationAction.Install) != (request.AppId is not null))
            return Problems.BadRequest("bad-request", "appId goes with the action install, and only with it.");
        var id = ids.New();
        if (!await db.InTransactionAsync(
            () => TryAddAsync(id, action.Value, request, user, db, clock.GetUtcNow(), ct), ct))
            return Problems.Conflict("too-many-operations", "Too many phones wait for earlier operations already.");
        return TypedResults.Accepted($"/api/devices/operations/{id}", new BatchAnswer(id));
    }

    /// <returns>False: there would be too many.</returns>
    static async Task<bool> TryAddAsync(
        Guid id, OperationAction action, BatchRequest request, CurrentUser user, DeviceDb db, DateTimeOffset now,
        CancellationToken ct)
    {
        db.ChangeTracker.Clear(); // of a try that the database broke off
        await db.TakeTurnAsync(Turns.Batches, user.Id, ct);
        // a request that is repeated under its key because its first run died finds what that has left
        if (await db.Operations.AnyAsync(o => o.Id == id, ct))
            return true;
        var asked = request.DeviceIds.Distinct().ToList();
        if (asked.Count + await db.OperationItems.CountAsync(
            i => i.UserId == user.Id && i.Status == OperationItemStatus.Pending, ct) > MaxWaiting)
            return false;
        var visible = (await db.Devices.VisibleTo(user).Where(d => asked.Contains(d.Id)).Select(d => d.Id)
            .ToListAsync(ct)).ToHashSet();
        db.Add(new Operation { Id = id, UserId = user.Id, Action = action, CreatedAt = now });
        foreach (var (position, deviceId) in asked.Index())
        {
            var item = Operation.NewItem(Guid.CreateVersion7(now), id, action, deviceId, user.Id, now);
            (item.Position, item.AppId) = (position, request.AppId);
            if (!visible.Contains(deviceId))
            {
                item.Fail("not-found", "There is no such device.", now);
                item.NextAttemptAt = null;
            }
            db.Add(item);
        }
        await db.SaveChangesAsync(ct);
        return true;
    }
}
