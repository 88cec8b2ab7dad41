using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Nodes;

/// <summary>Taking a node out of service: it takes no more phones, its own leave one by one, and then it
/// goes.</summary>
static class NodeDrain
{
    public static void MapNodeDrain(this RouteGroupBuilder scheduler)
    {
        var node = scheduler.MapGroup("/nodes/{id:guid}").ProducesProblem(404);
        node.MapPost("/drain", (Guid id, SchedulerDb db, WorkSignals signals, TimeProvider clock,
            CancellationToken ct) => SetAsync(id, NodeState.Draining, db, signals, clock, ct)).WithName("DrainNode")
            .WithSummary("Places nothing more on a node; its phones stay.");
        node.MapPost("/undrain", (Guid id, SchedulerDb db, WorkSignals signals, TimeProvider clock,
            CancellationToken ct) => SetAsync(id, NodeState.Active, db, signals, clock, ct)).WithName("UndrainNode")
            .WithSummary("Lets a node take phones again.");
        node.MapGet("/phones", Phones).WithName("ListNodePhones")
            .WithSummary("The phones that a node still holds room for, newest first.");
        node.MapDelete("/", Remove).WithName("RemoveNode").ProducesProblem(409)
            .WithSummary("Removes a node that holds nothing.");
    }

    static async Task<Results<Ok<NodeView>, ProblemHttpResult>> SetAsync(
        Guid id, NodeState state, SchedulerDb db, WorkSignals signals, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Nodes.SingleOrDefaultAsync(n => n.Id == id, ct) is not { } node)
            return Problems.NotFound("node");
        if (node.State != state)
            (node.State, node.UpdatedAt) = (state, clock.GetUtcNow());
        await db.SaveChangesAsync(ct);
        signals.Of<PlacementChange>().Wake();
        return TypedResults.Ok(NodeView.Of(await db.Nodes.AsNoTracking().SingleAsync(n => n.Id == id, ct)));
    }

    static async Task<Results<Ok<Page<PlacementView>>, ProblemHttpResult>> Phones(
        Guid id, PageRequest page, SchedulerDb db, CancellationToken ct)
    {
        if (!await db.Nodes.AnyAsync(n => n.Id == id, ct))
            return Problems.NotFound("node");
        return TypedResults.Ok((await db.Placements.HoldingRoom().Where(p => p.NodeId == id).ToPageAsync(page, ct))
            .Select(PlacementView.Of));
    }

    /// <summary>By one statement with its condition: a phone that is placed meanwhile keeps the node.</summary>
    static async Task<Results<NoContent, ProblemHttpResult>> Remove(Guid id, SchedulerDb db, CancellationToken ct)
    {
        if (await db.InTransactionAsync(() => db.Nodes.Where(n => n.Id == id && n.UsedDevices == 0
            && n.UsedCpuCores == 0 && n.UsedMemoryGB == 0).ExecuteDeleteAsync(ct), ct) == 1)
            return TypedResults.NoContent();
        return await db.Nodes.AnyAsync(n => n.Id == id, ct)
            ? Problems.Conflict("node-not-empty", "The node still holds phones or reserved room: drain it first.")
            : Problems.NotFound("node");
    }
}
