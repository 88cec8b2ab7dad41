using CloudPhone.Shared.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Placements;

/// <param name="FromNodeId">The node that the phone is to leave. One that it has left already is not left
/// again.</param>
/// <param name="Strategy">Null: the one that is set for the service.</param>
/// <param name="NodeSelector">Labels that the node must have.</param>
/// <param name="AvoidNodeIds">More nodes that it must not be, as those where it was tried already.</param>
sealed record MoveRequest(
    Guid DeviceId, Guid FromNodeId, PlacementStrategy? Strategy = null,
    Dictionary<string, string>? NodeSelector = null, IReadOnlyList<Guid>? AvoidNodeIds = null);

/// <param name="Outcome"><c>moved</c> with where the phone is now, <c>no-capacity</c> where it stays, or
/// <c>not-placed</c> for a phone that has no room at all.</param>
sealed record MoveAnswer(string Outcome, Guid? NodeId = null, string? NodeName = null);

/// <summary>
/// Gives an existing phone room on another node, as when its own is down. Asked again for the same step, it answers the
/// same node.
/// </summary>
static class Move
{
    public static void MapMove(this RouteGroupBuilder placements) => placements.MapPost("/move", Handle);

    static async Task<Results<Ok<MoveAnswer>, ProblemHttpResult>> Handle(
        MoveRequest request, SchedulerDb db, PlacementBook book, CancellationToken ct)
    {
        if (new RoomRequest(1, 1, request.NodeSelector, request.AvoidNodeIds).Check() is { } bad)
            return bad;
        return TypedResults.Ok(await db.OnceMoreAfterTwinAsync(() => MoveAsync(request, db, book, ct), ct));
    }

    static async Task<MoveAnswer> MoveAsync(
        MoveRequest r, SchedulerDb db, PlacementBook book, CancellationToken ct)
    {
        await db.TakeTurnAsync(Turns.Reservations, 0, ct); // which has several nodes in hand, as this
        if (await book.FindAsync(r.DeviceId, ct) is not { HoldsRoom: true } placement)
            return new("not-placed");
        var isThere = placement.NodeId is { } now && now != r.FromNodeId;
        var room = new RoomRequest(
            placement.CpuCores, placement.MemoryGB, r.NodeSelector, [.. r.AvoidNodeIds ?? [], r.FromNodeId]);
        var node = isThere ? await db.Nodes.AsNoTracking().SingleOrDefaultAsync(n => n.Id == placement.NodeId, ct)
            : await book.RelocateAsync(placement, room, r.Strategy, ct);
        return node is null ? new("no-capacity") : new("moved", node.Id, node.Name);
    }
}
