using System.Linq.Expressions;
using CloudPhone.Scheduler.Nodes;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Placements;

public enum PlacementStrategy
{
    /// <summary>On the node with the lowest share in use: each phone has as much around it as can be.</summary>
    Spread,
    /// <summary>On the fullest node that has room: others stay empty, for big phones or to be switched off.</summary>
    Pack,
}

/// <summary>What is looked for.</summary>
/// <param name="MemoryGB">GiB.</param>
/// <param name="NodeSelector">Labels that the node must have.</param>
/// <param name="AvoidNodeIds">Nodes that it must not be.</param>
sealed record RoomRequest(
    int CpuCores, int MemoryGB, IReadOnlyDictionary<string, string>? NodeSelector = null,
    IReadOnlyList<Guid>? AvoidNodeIds = null)
{
    const int MaxAvoided = 1000;

    /// <summary>Null where it is good.</summary>
    public ProblemHttpResult? Check() => NodeLimits.Check("cpuCores", CpuCores, NodeLimits.MaxCpuCores)
        ?? NodeLimits.Check("memoryGB", MemoryGB, NodeLimits.MaxMemoryGB)
        ?? NodeLabels.Check("nodeSelector", NodeSelector)
        ?? (AvoidNodeIds is { Count: > MaxAvoided }
            ? Problems.BadRequest("bad-request", $"avoidNodeIds has at most {MaxAvoided} entries.") : null);

    public RoomRequest Avoiding(Guid? node) =>
        node is { } id ? this with { AvoidNodeIds = [.. AvoidNodeIds ?? [], id] } : this;

    /// <summary>Where there is no room for the other one, there is none for this.</summary>
    public bool IsNoSmallerThan(RoomRequest other) => CpuCores >= other.CpuCores && MemoryGB >= other.MemoryGB;
}

/// <summary>
/// Takes and gives back a node's room, each in one statement with its condition: no two can take the same.
/// </summary>
static class NodeRoom
{
    const int Candidates = 10;

    /// <summary>The nodes that may take such a phone, the one to be tried first first.</summary>
    public static IQueryable<Node> For(this IQueryable<Node> nodes, RoomRequest r, PlacementStrategy strategy)
    {
        var fitting = nodes.Fitting(r);
        return (strategy == PlacementStrategy.Pack ? fitting.OrderByDescending(Share) : fitting.OrderBy(Share))
            .ThenBy(n => n.Id);
    }

    /// <summary>Takes room on the first of them that has it.</summary>
    /// <returns>Null where none has.</returns>
    public static async Task<Guid?> TakeSomewhereAsync(
        this SchedulerDb db, RoomRequest room, PlacementStrategy strategy, CancellationToken ct)
    {
        List<Guid> candidates;
        do
        {
            candidates = await db.Nodes.For(room, strategy).Take(Candidates).Select(n => n.Id).ToListAsync(ct);
            foreach (var id in candidates)
                if (await db.Nodes.TryTakeAsync(id, room, ct))
                    return id;
        }
        while (candidates.Count > 0); // others were faster at each: look again
        return null;
    }

    /// <summary>The nodes that take phones and would have room if they were empty.</summary>
    public static IQueryable<Node> ThatCouldHold(this IQueryable<Node> nodes, RoomRequest r) => nodes.TakingPhones()
        .Where(n => n.CpuCores >= r.CpuCores && n.MemoryGB >= r.MemoryGB);

    public static IQueryable<Node> TakingPhones(this IQueryable<Node> nodes) =>
        nodes.Where(n => n.State == NodeState.Active && n.DownSince == null && !n.IsUnfit);

    /// <returns>False: somebody else took the room meanwhile, or the node takes no phones any more.</returns>
    public static Task<bool> TryTakeAsync(this DbSet<Node> nodes, Guid id, RoomRequest r, CancellationToken ct) =>
        nodes.Fitting(r).Where(n => n.Id == id).AddAsync(1, r.CpuCores, r.MemoryGB, ct);

    static IQueryable<Node> Fitting(this IQueryable<Node> nodes, RoomRequest r)
    {
        var fitting = nodes.TakingPhones().Where(n => n.UsedDevices < n.MaxDevices
            && n.UsedCpuCores + r.CpuCores <= n.CpuCores
            && n.UsedMemoryGB + r.MemoryGB <= n.MemoryGB).WithLabels(r.NodeSelector);
        return r.AvoidNodeIds is { Count: > 0 } avoided ? fitting.Where(n => !avoided.Contains(n.Id)) : fitting;
    }

    public static readonly Expression<Func<Node, double>> Share = n =>
        ((double)n.UsedCpuCores / n.CpuCores) + ((double)n.UsedMemoryGB / n.MemoryGB)
        + ((double)n.UsedDevices / n.MaxDevices);

    /// <summary>For a phone that exists, whether there is room or not.</summary>
    /// <returns>False: there is no such node.</returns>
    public static Task<bool> TakeAsync(
        this DbSet<Node> nodes, Guid id, int cpuCores, int memoryGB, CancellationToken ct) =>
        nodes.Where(n => n.Id == id).AddAsync(1, cpuCores, memoryGB, ct);

    public static Task<bool> GiveBackAsync(
        this DbSet<Node> nodes, Guid id, int cpuCores, int memoryGB, CancellationToken ct) =>
        nodes.Where(n => n.Id == id).AddAsync(-1, -cpuCores, -memoryGB, ct);

    static async Task<bool> AddAsync(
        this IQueryable<Node> nodes, int devices, int cpuCores, int memoryGB, CancellationToken ct) =>
        await nodes.ExecuteUpdateAsync(s => s
            .SetProperty(n => n.UsedDevices, n => n.UsedDevices + devices)
            .SetProperty(n => n.UsedCpuCores, n => n.UsedCpuCores + cpuCores)
            .SetProperty(n => n.UsedMemoryGB, n => n.UsedMemoryGB + memoryGB), ct) == 1;
}
