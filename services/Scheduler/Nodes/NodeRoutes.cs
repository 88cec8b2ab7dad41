using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Nodes;

/// <param name="MemoryGB">GiB.</param>
sealed record NewNode(
    string Name, int CpuCores, int MemoryGB, int MaxDevices, Dictionary<string, string>? Labels = null);

/// <summary>What is left out stays as it is; labels that are given replace all that were there.</summary>
sealed record NodeChange(
    int? CpuCores = null, int? MemoryGB = null, int? MaxDevices = null, NodeState? State = null,
    Dictionary<string, string>? Labels = null);

static class NodeRoutes
{
    public static void MapNodes(this RouteGroupBuilder scheduler)
    {
        var nodes = scheduler.MapGroup("/nodes");
        nodes.MapGet("/", List).WithName("ListNodes").WithSummary("The nodes with what they have, use and have free.");
        nodes.MapGet("/{id:guid}", Get).WithName("GetNode").WithSummary("One node.").ProducesProblem(404);
        nodes.MapPost("/", Create).WithName("CreateNode").WithSummary("Adds a node.").ProducesProblem(400)
            .ProducesProblem(409);
        nodes.MapPatch("/{id:guid}", Change).WithName("ChangeNode").ProducesProblem(400).ProducesProblem(404)
            .ProducesProblem(409)
            .WithSummary("Changes a node's capacity or state; only active nodes take phones.");
    }

    static async Task<Page<NodeView>> List(PageRequest page, SchedulerDb db, CancellationToken ct) =>
        (await db.Nodes.ToPageAsync(page, ct)).Select(NodeView.Of);

    static async Task<Results<Ok<NodeView>, ProblemHttpResult>> Get(Guid id, SchedulerDb db, CancellationToken ct) =>
        await db.Nodes.AsNoTracking().SingleOrDefaultAsync(n => n.Id == id, ct) is { } node
            ? TypedResults.Ok(NodeView.Of(node)) : Problems.NotFound("node");

    static async Task<Results<Created<NodeView>, ProblemHttpResult>> Create(
        NewNode request, SchedulerDb db, ResourceIds ids, WorkSignals signals, TimeProvider clock,
        CancellationToken ct)
    {
        if ((NodeLimits.Check(request.Name, request.CpuCores, request.MemoryGB, request.MaxDevices)
            ?? NodeLabels.Check("labels", request.Labels)) is { } bad)
            return bad;
        var id = ids.New();
        if (await db.Nodes.AsNoTracking().SingleOrDefaultAsync(n => n.Id == id, ct) is { } done)
            return TypedResults.Created($"/api/scheduler/nodes/{id}", NodeView.Of(done));
        var now = clock.GetUtcNow();
        var node = new Node
        {
            Id = id, Name = request.Name, CpuCores = request.CpuCores, MemoryGB = request.MemoryGB,
            MaxDevices = request.MaxDevices, Labels = NodeLabels.Pack(request.Labels ?? []), CreatedAt = now,
            UpdatedAt = now,
        };
        db.Add(node);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            return Problems.Conflict("node-exists", $"There is a node {request.Name} already.");
        }
        signals.Of<PlacementChange>().Wake();
        return TypedResults.Created($"/api/scheduler/nodes/{id}", NodeView.Of(node));
    }

    static async Task<Results<Ok<NodeView>, ProblemHttpResult>> Change(
        Guid id, NodeChange change, SchedulerDb db, WorkSignals signals, TimeProvider clock, CancellationToken ct)
    {
        if ((NodeLimits.Check(null, change.CpuCores, change.MemoryGB, change.MaxDevices)
            ?? NodeLabels.Check("labels", change.Labels) ?? (change.State == NodeState.Unfit
                ? Problems.BadRequest("bad-request", "state is active, draining or down.") : null)) is { } bad)
            return bad;
        if (await db.Nodes.SingleOrDefaultAsync(n => n.Id == id, ct) is not { } node)
            return Problems.NotFound("node");
        node.CpuCores = change.CpuCores ?? node.CpuCores;
        node.MemoryGB = change.MemoryGB ?? node.MemoryGB;
        node.MaxDevices = change.MaxDevices ?? node.MaxDevices;
        node.State = change.State ?? node.State;
        node.Labels = change.Labels is { } labels ? NodeLabels.Pack(labels) : node.Labels;
        node.UpdatedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
        signals.Of<PlacementChange>().Wake();
        // what is used may have changed meanwhile: only what was set here is written
        return TypedResults.Ok(NodeView.Of(await db.Nodes.AsNoTracking().SingleAsync(n => n.Id == id, ct)));
    }
}
