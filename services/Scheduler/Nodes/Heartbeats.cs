using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Nodes;

/// <summary>Of one node; what is left out stays as it is, or is 1 for a new node.</summary>
/// <param name="MemoryGB">GiB.</param>
sealed record Registration(
    string Name, int? CpuCores = null, int? MemoryGB = null, int? MaxDevices = null,
    Dictionary<string, string>? Labels = null, IReadOnlyList<NodeCheck>? Preflight = null);

sealed record RegistrationAnswer(Guid NodeId, NodeState State);

/// <summary>The nodes that the caller runs phones on and has found well just now.</summary>
sealed record Heartbeat(IReadOnlyList<string> Names);

/// <param name="Unknown">Those that are to be registered first.</param>
sealed record HeartbeatAnswer(IReadOnlyList<string> Unknown);

/// <summary>
/// For whoever runs phones on nodes: it registers them when it starts, and then says again and again that they are
/// there. From its first sign on a node is watched.
/// </summary>
static partial class Heartbeats
{
    const int MaxNames = 1000;
    static readonly HeartbeatAnswer AllKnown = new([]);

    public static void MapHeartbeats(this RouteGroupBuilder nodes)
    {
        nodes.MapPost("/register", Register);
        nodes.MapPost("/heartbeat", Beat);
        nodes.MapUnfit();
    }

    static async Task<Results<Ok<RegistrationAnswer>, ProblemHttpResult>> Register(
        Registration request, SchedulerDb db, WorkSignals signals, TimeProvider clock, CancellationToken ct)
    {
        if ((NodeLimits.Check(request.Name, request.CpuCores, request.MemoryGB, request.MaxDevices)
            ?? NodeLabels.Check("labels", request.Labels) ?? NodePreflight.Check(request.Preflight)) is { } bad)
            return bad;
        var answer = await db.OnceMoreAfterTwinAsync(() => RegisterAsync(request, db, clock, ct), ct);
        signals.Of<PlacementChange>().Wake();
        return TypedResults.Ok(answer);
    }

    static async Task<RegistrationAnswer> RegisterAsync(
        Registration r, SchedulerDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var node = await db.Nodes.SingleOrDefaultAsync(n => n.Name == r.Name, ct);
        if (node is null)
            db.Add(node = new()
            {
                Id = Guid.CreateVersion7(now), Name = r.Name, CpuCores = 1, MemoryGB = 1, MaxDevices = 1,
                CreatedAt = now,
            });
        (node.CpuCores, node.MemoryGB, node.MaxDevices) = (
            r.CpuCores ?? node.CpuCores, r.MemoryGB ?? node.MemoryGB, r.MaxDevices ?? node.MaxDevices);
        node.Labels = r.Labels is { } labels ? NodeLabels.Pack(labels) : node.Labels;
        if (r.Preflight is { } checks)
            NodePreflight.Set(node, checks);
        (node.LastSeenAt, node.DownSince, node.UpdatedAt) = (now, null, now);
        await db.SaveChangesAsync(ct);
        return new(node.Id, node.Standing);
    }

    static async Task<Results<Ok<HeartbeatAnswer>, ProblemHttpResult>> Beat(
        Heartbeat request, SchedulerDb db, WorkSignals signals, TimeProvider clock, ILogger<Heartbeat> log,
        CancellationToken ct)
    {
        if (request.Names.Count > MaxNames || request.Names.Any(
            n => NodeLimits.Check(n ?? "", null, null, null) is not null))
            return Problems.BadRequest("bad-request", $"names are those of at most {MaxNames} nodes.");
        var isBack = false;
        var unknown = await db.InTransactionAsync(async () =>
        {
            DateTimeOffset? now = clock.GetUtcNow();
            var nodes = db.Nodes.Where(n => request.Names.Contains(n.Name));
            var known = await nodes.OrderBy(n => n.Id).Select(n => new { n.Name, n.DownSince }).ToListAsync(ct);
            await nodes.ExecuteUpdateAsync(
                s => s.SetProperty(n => n.LastSeenAt, now).SetProperty(n => n.DownSince, (DateTimeOffset?)null), ct);
            foreach (var node in known.Where(n => n.DownSince is not null))
                db.AfterCommit(() => BackAgain(log, node.Name, node.DownSince!.Value));
            isBack = known.Exists(n => n.DownSince is not null);
            return request.Names.Except(known.Select(n => n.Name)).ToList();
        }, ct);
        if (isBack)
            signals.Of<PlacementChange>().Wake();
        return TypedResults.Ok(unknown.Count == 0 ? AllKnown : new(unknown));
    }

    [LoggerMessage(1, LogLevel.Information, "Node {Name}, which was down since {Since}, is back")]
    static partial void BackAgain(ILogger log, string name, DateTimeOffset since);
}
