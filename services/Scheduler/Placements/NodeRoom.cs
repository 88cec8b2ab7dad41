using CloudPhone.Scheduler.Nodes;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Placements;

/// <summary>
/// Takes and gives back a node's room, each in one statement with its condition: no two can take the same.
/// </summary>
static class NodeRoom
{
    /// <summary>Active nodes with enough room, the one with the lowest share in use first.</summary>
    public static IQueryable<Node> WithRoomFor(this IQueryable<Node> nodes, int cpuCores, int memoryGB) => nodes
        .Where(n => n.State == NodeState.Active && n.UsedDevices < n.MaxDevices
            && n.UsedCpuCores + cpuCores <= n.CpuCores && n.UsedMemoryGB + memoryGB <= n.MemoryGB)
        .OrderBy(n => ((double)n.UsedCpuCores / n.CpuCores) + ((double)n.UsedMemoryGB / n.MemoryGB)
            + ((double)n.UsedDevices / n.MaxDevices))
        .ThenBy(n => n.Id);

    /// <returns>False: somebody else took the room meanwhile, or the node is not active any more.</returns>
    public static async Task<bool> TryTakeAsync(
        this DbSet<Node> nodes, Guid id, int cpuCores, int memoryGB, CancellationToken ct) =>
        await nodes.Where(n => n.Id == id && n.State == NodeState.Active && n.UsedDevices < n.MaxDevices
            && n.UsedCpuCores + cpuCores <= n.CpuCores && n.UsedMemoryGB + memoryGB <= n.MemoryGB)
            .AddAsync(1, cpuCores, memoryGB, ct);

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
