using CloudPhone.Shared.Http;

namespace CloudPhone.Scheduler.Placements;

/// <param name="MemoryGB">GiB.</param>
sealed record PlacementView(
    Guid Id, Guid DeviceId, Guid UserId, Guid? NodeId, int CpuCores, int MemoryGB, PlacementState State,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? ExpiresAt)
{
    public static PlacementView Of(Placement p) => new(
        p.Id, p.DeviceId, p.UserId, p.NodeId, p.CpuCores, p.MemoryGB, p.State, p.CreatedAt, p.UpdatedAt, p.ExpiresAt);
}

/// <summary>One change of a placement, with what the node had in use right after it.</summary>
sealed record PlacementChangeView(
    Guid Id, Guid DeviceId, Guid NodeId, PlacementAction Action, int CpuCores, int MemoryGB, int NodeUsedCpuCores,
    int NodeUsedMemoryGB, int NodeUsedDevices, DateTimeOffset At);

static class PlacementLists
{
    public static void MapPlacementLists(this RouteGroupBuilder scheduler)
    {
        scheduler.MapGet("/placements", List).WithName("ListPlacements").ProducesProblem(400)
            .WithSummary("Where phones are, newest first.");
        scheduler.MapGet("/placements/history", History).WithName("ListPlacementHistory").ProducesProblem(400)
            .WithSummary("What became of placements, newest first.");
    }

    static async Task<Page<PlacementView>> List(
        Guid? nodeId, Guid? deviceId, PageRequest page, SchedulerDb db, CancellationToken ct)
    {
        IQueryable<Placement> query = db.Placements;
        if (nodeId is { } node)
            query = query.Where(p => p.NodeId == node);
        if (deviceId is { } device)
            query = query.Where(p => p.DeviceId == device);
        return (await query.ToPageAsync(page, ct)).Select(PlacementView.Of);
    }

    static async Task<Page<PlacementChangeView>> History(
        Guid? nodeId, Guid? deviceId, PageRequest page, SchedulerDb db, CancellationToken ct)
    {
        IQueryable<PlacementChange> query = db.PlacementHistory;
        if (nodeId is { } node)
            query = query.Where(h => h.NodeId == node);
        if (deviceId is { } device)
            query = query.Where(h => h.DeviceId == device);
        return (await query.ToPageAsync(page, ct)).Select(h => new PlacementChangeView(
            h.Id, h.DeviceId, h.NodeId, h.Action, h.CpuCores, h.MemoryGB, h.NodeUsedCpuCores, h.NodeUsedMemoryGB,
            h.NodeUsedDevices, h.At));
    }
}
