using CloudPhone.Scheduler.Nodes;
using CloudPhone.Scheduler.Reservations;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Placements;

/// <param name="MemoryGB">GiB.</param>
/// <param name="Strategy">Null: the one that is set for the service.</param>
/// <param name="NodeSelector">Labels that the node must have.</param>
/// <param name="AvoidNodeIds">Nodes that it must not be.</param>
/// <param name="ReservationId">Whose room it takes over, wherever that is: no node can be asked for then.</param>
sealed record PlaceRequest(
    Guid DeviceId, Guid UserId, int CpuCores, int MemoryGB, PlacementStrategy? Strategy = null,
    Dictionary<string, string>? NodeSelector = null, IReadOnlyList<Guid>? AvoidNodeIds = null,
    Guid? ReservationId = null)
{
    public RoomRequest Room => new(CpuCores, MemoryGB, NodeSelector, AvoidNodeIds);
}

/// <param name="Outcome"><c>placed</c>; <c>no-capacity</c>, which is also the answer for a phone that was released
/// already; <c>no-reservation</c> where the user has no such one; <c>reservation-not-ready</c>, with what it is; or
/// <c>reservation-differs</c> from the phone's size.</param>
sealed record PlaceAnswer(
    string Outcome, Guid? NodeId = null, string? NodeName = null, ReservationState? ReservationState = null);

/// <summary>Finds room for a new phone. Asked again for the same phone, it answers the same node.</summary>
static class Place
{
    static readonly PlaceAnswer NoCapacity = new("no-capacity");

    public static void MapPlace(this RouteGroupBuilder placements) => placements.MapPost("/place", Handle);

    static async Task<Results<Ok<PlaceAnswer>, ProblemHttpResult>> Handle(
        PlaceRequest request, SchedulerDb db, PlacementBook book, ReservationQueue queue, ReservationLeases leases,
        CancellationToken ct)
    {
        if (request.Room.Check() is { } bad)
            return bad;
        if (request is { ReservationId: not null } and not { Strategy: null, NodeSelector: null, AvoidNodeIds: null })
            return Problems.BadRequest("bad-request", "With a reservation its node is taken: ask for no other.");
        return TypedResults.Ok(await db.OnceMoreAfterTwinAsync(async () =>
        {
            var placement = await book.FindAsync(request.DeviceId, ct);
            return placement switch
            {
                { State: PlacementState.Released } => NoCapacity,
                { HoldsRoom: true } => Placed(
                    await db.Nodes.AsNoTracking().SingleOrDefaultAsync(n => n.Id == placement.NodeId, ct)),
                _ when request.ReservationId is { } id =>
                    await PlaceReservedAsync(request, id, placement, book, queue, leases, ct),
                _ => await PlaceBesideAsync(request, placement, book, queue, ct),
            };
        }, ct));
    }

    static async Task<PlaceAnswer> PlaceBesideAsync(
        PlaceRequest request, Placement? expired, PlacementBook book, ReservationQueue queue, CancellationToken ct) =>
        await queue.BesideAsync(request.Room, ct) is { } room
            ? Placed(await book.PlaceAsync(request, room, expired, ct)) : NoCapacity;

    static async Task<PlaceAnswer> PlaceReservedAsync(
        PlaceRequest request, Guid id, Placement? expired, PlacementBook book, ReservationQueue queue,
        ReservationLeases leases, CancellationToken ct)
    {
        if (await leases.FindAsync(id, ct) is not { } reservation || reservation.UserId != request.UserId)
            return new("no-reservation");
        if ((reservation.CpuCores, reservation.MemoryGB) != (request.CpuCores, request.MemoryGB))
            return new("reservation-differs");
        if (reservation.State == ReservationState.Ready && await leases.UseAsync(reservation, request.DeviceId, ct))
            return Placed(await book.PlaceThereAsync(request, reservation.NodeId!.Value, expired, ct));
        return expired?.ReservationId == id // it had the room, and took too long
            ? await PlaceBesideAsync(request, expired, book, queue, ct)
            : new("reservation-not-ready", ReservationState: reservation.State);
    }

    static PlaceAnswer Placed(Node? node) => node is null ? NoCapacity : new("placed", node.Id, node.Name);
}
