using CloudPhone.Scheduler.Reservations;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Scheduler.Placements;

sealed record ReleaseRequest(Guid DeviceId);

/// <param name="Outcome"><c>released</c>.</param>
sealed record ReleaseAnswer(string Outcome);

/// <summary>
/// Gives a phone's room back. It is final: a placement of the same phone that comes late finds it and takes nothing.
/// </summary>
static class Release
{
    public static void MapRelease(this RouteGroupBuilder placements) => placements.MapPost("/release", Handle);

    static async Task<Ok<ReleaseAnswer>> Handle(
        ReleaseRequest request, SchedulerDb db, PlacementBook book, ReservationLeases leases, CancellationToken ct) =>
        TypedResults.Ok(await db.OnceMoreAfterTwinAsync(async () =>
        {
            var placement = await book.FindAsync(request.DeviceId, ct);
            var isKept = placement is not null && await leases.TakeBackAsync(placement, ct);
            await ReleaseAsync(book, request.DeviceId, placement, isKept, ct);
            return new ReleaseAnswer("released");
        }, ct));

    /// <param name="isKept">A reservation has its room again.</param>
    public static async Task ReleaseAsync(
        PlacementBook book, Guid deviceId, Placement? placement, bool isKept, CancellationToken ct)
    {
        if (placement is null)
            await book.ForbidAsync(deviceId, ct);
        else if (placement.State != PlacementState.Released)
            await book.FreeAsync(placement, PlacementState.Released, PlacementAction.Released, isKept, ct);
    }
}
