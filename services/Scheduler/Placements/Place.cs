using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Placements;

/// <param name="MemoryGB">GiB.</param>
/// <param name="Strategy">Null: the one that is set for the service.</param>
/// <param name="NodeSelector">Labels that the node must have.</param>
/// <param name="AvoidNodeIds">Nodes that it must not be.</param>
sealed record PlaceRequest(
    Guid DeviceId, Guid UserId, int CpuCores, int MemoryGB, PlacementStrategy? Strategy = null,
    Dictionary<string, string>? NodeSelector = null, IReadOnlyList<Guid>? AvoidNodeIds = null)
{
    public RoomRequest Room => new(CpuCores, MemoryGB, NodeSelector, AvoidNodeIds);
}

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
        if (request.Room.Check() is { } bad)
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
