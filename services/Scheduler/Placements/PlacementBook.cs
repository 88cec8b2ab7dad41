using CloudPhone.Scheduler.Nodes;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Placements;

/// <summary>
/// All changes of placements. Each runs in its caller's transaction and touches the node first and the placement
/// after it, whose version refuses a twin: then everything is undone together.
/// </summary>
sealed partial class PlacementBook(
    SchedulerDb db, SchedulerOptions options, TimeProvider clock, ILogger<PlacementBook> log)
{
    public static readonly TimeSpan ConfirmWithin = TimeSpan.FromMinutes(15);

    public Task<Placement?> FindAsync(Guid deviceId, CancellationToken ct) =>
        db.Placements.SingleOrDefaultAsync(p => p.DeviceId == deviceId, ct);

    /// <summary>Takes room for a phone that has none.</summary>
    /// <param name="room">Where it may be.</param>
    /// <param name="expired">Its placement that has run out, if there was one.</param>
    /// <returns>Null where no node has room.</returns>
    public async Task<Node?> PlaceAsync(PlaceRequest r, RoomRequest room, Placement? expired, CancellationToken ct) =>
        await db.TakeSomewhereAsync(room, r.Strategy ?? options.Strategy, ct) is { } id
            ? await PlaceThereAsync(r, id, expired, ct) : null;

    /// <summary>Writes down that a phone has room there, which is counted already.</summary>
    public async Task<Node?> PlaceThereAsync(PlaceRequest r, Guid nodeId, Placement? expired, CancellationToken ct)
    {
        var placement = expired ?? Add(r.DeviceId, r.UserId);
        (placement.NodeId, placement.CpuCores, placement.MemoryGB) = (nodeId, r.CpuCores, r.MemoryGB);
        placement.ReservationId = r.ReservationId;
        placement.ExpiresAt = clock.GetUtcNow() + ConfirmWithin;
        return await MoveAsync(placement, PlacementState.Reserved, PlacementAction.Placed, ct);
    }

    /// <summary>Takes room on another node, and gives back what the phone had.</summary>
    /// <returns>Null where no other node has room: it keeps what it has.</returns>
    public async Task<Node?> RelocateAsync(
        Placement placement, RoomRequest room, PlacementStrategy? strategy, CancellationToken ct)
    {
        if (await db.TakeSomewhereAsync(room, strategy ?? options.Strategy, ct) is not { } id)
            return null;
        if (placement.NodeId is { } old)
            await db.Nodes.GiveBackAsync(old, placement.CpuCores, placement.MemoryGB, ct);
        placement.NodeId = id;
        return await MoveAsync(placement, placement.State, PlacementAction.Moved, ct);
    }

    public async Task ConfirmAsync(Placement placement, CancellationToken ct)
    {
        placement.ExpiresAt = null;
        await MoveAsync(placement, PlacementState.Confirmed, PlacementAction.Confirmed, ct);
    }

    /// <summary>The phone exists on that node: it is counted there, even beyond what the node has.</summary>
    public async Task ReadmitAsync(
        Placement? expired, Guid deviceId, Guid userId, Guid nodeId, int cpuCores, int memoryGB, CancellationToken ct)
    {
        var isKnown = await db.Nodes.TakeAsync(nodeId, cpuCores, memoryGB, ct);
        var placement = expired ?? Add(deviceId, userId);
        (placement.NodeId, placement.CpuCores, placement.MemoryGB) = (isKnown ? nodeId : null, cpuCores, memoryGB);
        var node = await MoveAsync(placement, PlacementState.Confirmed, PlacementAction.Readmitted, ct);
        db.AfterCommit(() =>
        {
            if (node is null)
                OnUnknownNode(log, deviceId, nodeId);
            else
                Readmitted(log, deviceId, node.Name, node.UsedDevices, node.MaxDevices);
        });
    }

    /// <param name="to">Released or expired.</param>
    /// <param name="isKept">Somebody else takes its room over.</param>
    public async Task FreeAsync(
        Placement placement, PlacementState to, PlacementAction action, bool isKept, CancellationToken ct)
    {
        placement.ExpiresAt = null;
        var held = placement.HoldsRoom;
        if (held && !isKept && placement.NodeId is { } node)
            await db.Nodes.GiveBackAsync(node, placement.CpuCores, placement.MemoryGB, ct);
        await MoveAsync(placement, to, held ? action : null, ct);
    }

    /// <summary>A note that this phone is not to be placed any more.</summary>
    public async Task ForbidAsync(Guid deviceId, CancellationToken ct) =>
        await MoveAsync(Add(deviceId, Guid.Empty), PlacementState.Released, null, ct);

    Placement Add(Guid deviceId, Guid userId)
    {
        var now = clock.GetUtcNow();
        var placement = new Placement
        {
            Id = Guid.CreateVersion7(now), DeviceId = deviceId, UserId = userId, CreatedAt = now,
        };
        db.Add(placement);
        return placement;
    }

    async Task<Node?> MoveAsync(Placement p, PlacementState to, PlacementAction? action, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        (p.State, p.UpdatedAt) = (to, now);
        var node = p.NodeId is { } id ? await db.Nodes.AsNoTracking().SingleOrDefaultAsync(n => n.Id == id, ct) : null;
        if (action is { } told && node is not null)
            db.Add(new PlacementChange
            {
                Id = Guid.CreateVersion7(now), DeviceId = p.DeviceId, NodeId = node.Id, Action = told,
                CpuCores = p.CpuCores,
                MemoryGB = p.MemoryGB, NodeUsedCpuCores = node.UsedCpuCores, NodeUsedMemoryGB = node.UsedMemoryGB,
                NodeUsedDevices = node.UsedDevices, At = now,
            });
        await db.SaveChangesAsync(ct);
        return node;
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Device {Device} came after its placement had run out: {Node} now has {Used} of {Max} phones")]
    static partial void Readmitted(ILogger log, Guid device, string node, int used, int max);

    [LoggerMessage(2, LogLevel.Warning,
        "Device {Device} is on node {Node}, which is not known here: it counts nowhere")]
    static partial void OnUnknownNode(ILogger log, Guid device, Guid node);
}
