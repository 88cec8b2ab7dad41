using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Reservations;

/// <param name="Position">In the queue, 1 for the first; null: it is not in it.</param>
/// <param name="EndsAt">Until when it waits.</param>
/// <param name="ReadyUntil">Until when its room is held.</param>
/// <param name="DeviceId">The phone that was made with it.</param>
/// <param name="EndReason"><c>no-room</c>, <c>unused</c>, <c>room-lost</c>, <c>user</c>, <c>operator</c> or
/// <c>suspended</c>.</param>
/// <param name="RoomLostAt">When room that was held for it was taken away last, as its node takes no phones any
/// more.</param>
sealed record ReservationView(
    Guid Id, Guid UserId, int CpuCores, int MemoryGB, string? Template, ReservationState State, int? Position,
    DateTimeOffset StartAt, DateTimeOffset EndsAt, DateTimeOffset? ReadyUntil, Guid? DeviceId, string? EndReason,
    DateTimeOffset CreatedAt, DateTimeOffset? RoomLostAt)
{
    public static ReservationView Of(Reservation r, IReadOnlyDictionary<Guid, int> places) => new(
        r.Id, r.UserId, r.CpuCores, r.MemoryGB, r.Template, r.State,
        places.TryGetValue(r.Id, out var place) ? place : null, r.StartAt, r.EndsAt, r.ReadyUntil, r.DeviceId,
        r.EndReason, r.CreatedAt, r.RoomLostAt);
}

/// <summary>Reads of reservations. Users see their own, operators all.</summary>
static class ReservationViews
{
    public static void MapReservationViews(this RouteGroupBuilder reservations)
    {
        reservations.MapGet("/", List).WithName("ListReservations").ProducesProblem(400)
            .WithSummary("Reservations, newest first; operators see those of all.");
        reservations.MapGet("/{id:guid}", Get).WithName("GetReservation").ProducesProblem(404)
            .WithSummary("One reservation, with its place in the queue.");
    }

    static async Task<Results<Ok<Page<ReservationView>>, ProblemHttpResult>> List(
        PageRequest page, string? state, Guid? userId, CurrentUser user, SchedulerDb db, CancellationToken ct)
    {
        var found = db.Reservations.VisibleTo(user).Where(r => userId == null || r.UserId == userId);
        if (state is not null)
        {
            if (!Enum.GetNames<ReservationState>().Contains(state, StringComparer.OrdinalIgnoreCase))
                return Problems.BadRequest(
                    "bad-request", "state is waiting, ready, used, expired or cancelled.");
            var wanted = Enum.Parse<ReservationState>(state, ignoreCase: true);
            found = found.Where(r => r.State == wanted);
        }
        var reservations = await found.ToPageAsync(page, ct);
        var places = await db.PlacesAsync(reservations.Items, ct);
        return TypedResults.Ok(reservations.Select(r => ReservationView.Of(r, places)));
    }

    static async Task<Results<Ok<ReservationView>, ProblemHttpResult>> Get(
        Guid id, CurrentUser user, SchedulerDb db, CancellationToken ct) =>
        await db.Reservations.VisibleTo(user).AnyAsync(r => r.Id == id, ct)
            ? TypedResults.Ok(await db.ViewAsync(id, ct)) : Problems.NotFound("reservation");

    public static async Task<ReservationView> ViewAsync(this SchedulerDb db, Guid id, CancellationToken ct)
    {
        var reservation = await db.Reservations.AsNoTracking().SingleAsync(r => r.Id == id, ct);
        return ReservationView.Of(reservation, await db.PlacesAsync([reservation], ct));
    }

    static IQueryable<Reservation> VisibleTo(this IQueryable<Reservation> reservations, CurrentUser user) =>
        user.IsOperator ? reservations : reservations.Where(r => r.UserId == user.Id);
}
