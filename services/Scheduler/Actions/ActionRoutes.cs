using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Actions;

/// <summary>Changes of timed actions: their owner's alone.</summary>
static class ActionRoutes
{
    public static void MapActions(this IEndpointRouteBuilder routes)
    {
        var actions = routes.MapGroup("/api/scheduler/actions").WithTags("Timed actions").ProducesProblem(401)
            .ProducesProblem(403);
        actions.MapActionViews();
        actions.MapPost("/", Create).WithName("CreateAction").ProducesProblem(400).ProducesProblem(404)
            .ProducesProblem(409).WithSummary("Plans something for phones, once or again and again.");
        actions.MapPatch("/{id:guid}", Change).WithName("ChangeAction").ProducesProblem(400).ProducesProblem(404)
            .WithSummary("Changes when, for which phones, or whether at all.");
        actions.MapDelete("/{id:guid}", Delete).WithName("DeleteAction").ProducesProblem(404)
            .WithSummary("Removes a timed action with the history of its runs.");
    }

    static async Task<Results<Created<ActionView>, ProblemHttpResult>> Create(
        NewAction request, CurrentUser user, SchedulerDb db, ResourceIds ids, SchedulerOptions options,
        TimeProvider clock, CancellationToken ct)
    {
        if (request.Check() is { } bad)
            return bad;
        var now = clock.GetUtcNow();
        var action = new TimedAction
        {
            Id = ids.New(), UserId = user.Id, Name = request.Name, Kind = request.Action, AppId = request.AppId,
            SnapshotName = request.SnapshotName, RunAt = request.RunAt, Cron = request.Cron,
            TimeZone = request.TimeZone, Missed = request.Missed, Enabled = request.Enabled, CreatedAt = now,
            UpdatedAt = now,
        };
        if (ActionRules.Plan(action, now) is { } never)
            return never;
        if (await db.OnceMoreAfterTwinAsync(
            () => AddAsync(db, action, request.DeviceIds, options.MaxActions, ct), ct) is { } refused)
            return refused;
        var made = await db.Actions.AsNoTracking().SingleAsync(a => a.Id == action.Id, ct);
        return TypedResults.Created(
            $"/api/scheduler/actions/{action.Id}", await ActionViews.ViewAsync(db, made, ct));
    }

    static async Task<ProblemHttpResult?> AddAsync(
        SchedulerDb db, TimedAction action, IReadOnlyList<Guid> devices, int max, CancellationToken ct)
    {
        await db.TakeTurnAsync(Turns.Actions, action.UserId, ct);
        if (await db.Actions.AnyAsync(a => a.Id == action.Id, ct))
            return null; // the request before this one, which was not answered
        if (await db.Actions.CountAsync(a => a.UserId == action.UserId, ct) >= max)
            return Problems.Conflict("too-many-actions", $"You have {max} timed actions already.");
        if (!await AreOwnAsync(db, devices, action.UserId, ct))
            return Problems.NotFound("device");
        db.Add(action);
        db.AddRange(devices.Select(d => new ActionDevice { ActionId = action.Id, DeviceId = d }));
        await db.SaveChangesAsync(ct);
        return null;
    }

    static async Task<bool> AreOwnAsync(
        SchedulerDb db, IReadOnlyList<Guid> devices, Guid userId, CancellationToken ct) =>
        await db.Placements.HoldingRoom().CountAsync(p => devices.Contains(p.DeviceId) && p.UserId == userId, ct)
            == devices.Count;

    static async Task<Results<Ok<ActionView>, ProblemHttpResult>> Change(
        Guid id, ActionChange request, CurrentUser user, SchedulerDb db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.OnceMoreAfterTwinAsync(() => ChangeAsync(id, request, user, db, clock, ct), ct) is { } refused)
        {
            db.ChangeTracker.Clear(); // nobody is to save what was refused
            return refused;
        }
        return await db.Actions.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, ct) is { } action
            ? TypedResults.Ok(await ActionViews.ViewAsync(db, action, ct)) : Problems.NotFound("action");
    }

    static async Task<ProblemHttpResult?> ChangeAsync(
        Guid id, ActionChange request, CurrentUser user, SchedulerDb db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Actions.SingleOrDefaultAsync(a => a.Id == id && a.UserId == user.Id, ct) is not { } action)
            return Problems.NotFound("action");
        if (request.Check() is { } bad)
            return bad;
        request.ApplyTo(action);
        action.UpdatedAt = clock.GetUtcNow();
        if (request.ChangesTime)
        {
            if (ActionRules.Plan(action, action.UpdatedAt) is { } never)
                return never;
            db.PutDue(action, action.NextRunAt);
        }
        if (request.DeviceIds is { } devices)
        {
            if (!await AreOwnAsync(db, devices, user.Id, ct))
                return Problems.NotFound("device");
            await db.ActionDevices.Where(d => d.ActionId == id).ExecuteDeleteAsync(ct);
            db.AddRange(devices.Select(d => new ActionDevice { ActionId = id, DeviceId = d }));
        }
        await db.SaveChangesAsync(ct);
        return null;
    }

    static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, CurrentUser user, SchedulerDb db, CancellationToken ct)
    {
        var isGone = await db.InTransactionAsync(async () =>
        {
            if (await db.Actions.Where(a => a.Id == id && a.UserId == user.Id).ExecuteDeleteAsync(ct) == 0)
                return false;
            await db.ActionDevices.Where(d => d.ActionId == id).ExecuteDeleteAsync(ct);
            await db.ActionRuns.Where(r => r.ActionId == id).ExecuteDeleteAsync(ct);
            return true;
        }, ct);
        return isGone ? TypedResults.NoContent() : Problems.NotFound("action");
    }

    /// <summary>A phone that is gone leaves its actions; one that has no phone left is never due again.</summary>
    public static async Task ForgetDeviceAsync(SchedulerDb db, Guid deviceId, CancellationToken ct)
    {
        var ids = await db.ActionDevices.Where(d => d.DeviceId == deviceId).Select(d => d.ActionId).ToListAsync(ct);
        if (ids.Count == 0)
            return;
        await db.ActionDevices.Where(d => d.DeviceId == deviceId).ExecuteDeleteAsync(ct);
        await db.Actions.Where(a => ids.Contains(a.Id) && !db.ActionDevices.Any(d => d.ActionId == a.Id))
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.NextRunAt, (DateTimeOffset?)null)
                .SetProperty(a => a.NextAttemptAt, (DateTimeOffset?)null).SetProperty(a => a.LeaseId, (Guid?)null)
                .SetProperty(a => a.Version, a => a.Version + 1), ct);
    }
}
