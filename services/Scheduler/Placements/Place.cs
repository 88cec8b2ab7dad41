using CloudPhone.Scheduler.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Placements;

/// <param name="MemoryGB">GiB.</param>
sealed record PlaceRequest(Guid DeviceId, Guid UserId, int CpuCores, int MemoryGB);

/// <param name="Outcome"><c>placed</c> or <c>no-capacity</c>, which is also the answer for a phone that was released
/// already.</param>
sealed record PlaceAnswer(string Outcome, Guid? NodeId = null, string? NodeName = null);

/// <summary>Finds room for a new phone. Asked again for the same phone, it answers the same node.</summary>
static class Place
{
    static readonly PlaceAnswer NoCapacity = new("no-capacity");

    public static void MapPlace(this RouteGroupBuilder placements) => placements.MapPost("/place", Handle);

    static async Task<Results<Ok<PlaceAnswer>, ProblemHttpResult>> Handle(
        PlaceRequest request, SchedulerDb db, PlacementBook book, CancellationToken ct)
    {
        if ((NodeLimits.Check("cpuCores", request.CpuCores, NodeLimits.MaxCpuCores)
            ?? NodeLimits.Check("memoryGB", request.MemoryGB, NodeLimits.MaxMemoryGB)) is { } bad)
            return bad;
        return TypedResults.Ok(await db.OnceMoreAfterTwinAsync(() => PlaceAsync(request, db, book, ct), ct));
    }

    static async Task<PlaceAnswer> PlaceAsync(
        PlaceRequest request, SchedulerDb db, PlacementBook book, CancellationToken ct)
    {
        var placement = await book.FindAsync(request.DeviceId, ct);
        if (placement?.State == PlacementState.Released)
            return NoCapacity;
        var node = placement is { HoldsRoom: true }
            ? await db.Nodes.AsNoTracking().SingleOrDefaultAsync(n => n.Id == placement.NodeId, ct)
            : await book.PlaceAsync(request, placement, ct);
        return node is null ? NoCapacity : new("placed", node.Id, node.Name);
    }
}
