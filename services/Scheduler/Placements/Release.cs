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
        ReleaseRequest request, SchedulerDb db, PlacementBook book, CancellationToken ct) =>
        TypedResults.Ok(await db.OnceMoreAfterTwinAsync(async () =>
        {
            await ReleaseAsync(book, request.DeviceId, ct);
            return new ReleaseAnswer("released");
        }, ct));

    public static async Task ReleaseAsync(PlacementBook book, Guid deviceId, CancellationToken ct)
    {
        var placement = await book.FindAsync(deviceId, ct);
        if (placement is null)
            await book.ForbidAsync(deviceId, ct);
        else if (placement.State != PlacementState.Released)
            await book.FreeAsync(placement, PlacementState.Released, PlacementAction.Released, ct);
    }
}
