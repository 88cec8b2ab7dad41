using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Operations;

static class OperationRoutes
{
    /// <summary>Shorter than callers' sidecars wait; who wants to wait for longer asks again.</summary>
    const int MaxWaitSeconds = 4;
    static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    public static void MapOperations(this RouteGroupBuilder devices)
    {
        var operations = devices.MapGroup("/operations").WithTags("Operations");
        operations.MapGet("/", List).WithName("ListOperations").ProducesProblem(400)
            .WithSummary("The caller's operations of the last days, newest first; operators see all.");
        operations.MapGet("/{operationId:guid}", Get).WithName("GetOperation").ProducesProblem(400)
            .ProducesProblem(404)
            .WithSummary($"How an operation goes; with waitSeconds, up to {MaxWaitSeconds}, it waits for its end.");
    }

    static async Task<Results<Ok<OperationView>, ProblemHttpResult>> Get(
        Guid operationId, int? waitSeconds, CurrentUser user, DeviceDb db, TimeProvider clock, CancellationToken ct)
    {
        if (waitSeconds is < 0 or > MaxWaitSeconds)
            return Problems.BadRequest("bad-request", $"waitSeconds is a whole number from 0 to {MaxWaitSeconds}.");
        var operation = await db.Operations.VisibleTo(user).AsNoTracking()
            .SingleOrDefaultAsync(o => o.Id == operationId, ct);
        if (operation is null)
            return Problems.NotFound("operation");
        for (var end = clock.GetUtcNow().AddSeconds(waitSeconds ?? 0); ;)
        {
            var items = await db.OperationItems.AsNoTracking().Where(i => i.OperationId == operationId)
                .ToListAsync(ct);
            if (clock.GetUtcNow() >= end || items.TrueForAll(i => i.IsEnded))
                return TypedResults.Ok(OperationView.Of(operation, items));
            await Task.Delay(LookAgain, clock, ct);
        }
    }

    static async Task<Ok<Page<OperationView>>> List(
        PageRequest page, CurrentUser user, DeviceDb db, CancellationToken ct)
    {
        var operations = await db.Operations.VisibleTo(user).ToPageAsync(page, ct);
        var ids = operations.Items.Select(o => o.Id).ToList();
        var counts = (await db.OperationItems.Where(i => ids.Contains(i.OperationId))
            .GroupBy(i => new { i.OperationId, i.Status })
            .Select(g => new { g.Key.OperationId, g.Key.Status, Count = g.Count(), EndedAt = g.Max(i => i.EndedAt) })
            .ToListAsync(ct)).ToLookup(c => c.OperationId);
        return TypedResults.Ok(operations.Select(o =>
        {
            int Count(OperationItemStatus status) => counts[o.Id].Where(c => c.Status == status).Sum(c => c.Count);
            var all = new OperationCounts(counts[o.Id].Sum(c => c.Count), Count(OperationItemStatus.Pending),
                Count(OperationItemStatus.Running), Count(OperationItemStatus.Succeeded),
                Count(OperationItemStatus.Failed));
            return new OperationView(o.Id, o.Action, OperationView.StatusOf(all), o.UserId, o.CreatedAt,
                all.Pending + all.Running > 0 ? null : counts[o.Id].Max(c => c.EndedAt), all, null);
        }));
    }

    static IQueryable<Operation> VisibleTo(this IQueryable<Operation> operations, CurrentUser user) =>
        user.IsOperator ? operations : operations.Where(o => o.UserId == user.Id);
}
