using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Reservations;

/// <summary>To reserve room, and to give that up: for users, each of whom has his own.</summary>
static class ReservationRoutes
{
    public static void MapReservations(this IEndpointRouteBuilder routes)
    {
        var reservations = routes.MapGroup("/api/scheduler/reservations").WithTags("Reservations")
            .ProducesProblem(401).ProducesProblem(403);
        reservations.MapReservationViews();
        reservations.MapPost("/", Create).WithName("CreateReservation").ProducesProblem(400).ProducesProblem(409)
            .ProducesProblem(503)
            .WithSummary("Reserves room for a phone: it is held as soon as there is some, at once or in turn.");
        reservations.MapDelete("/{id:guid}", Cancel).WithName("CancelReservation").ProducesProblem(404)
            .ProducesProblem(409).WithSummary("Gives a reservation up, with the room that it holds.");
    }

    static async Task<Results<Created<ReservationView>, ProblemHttpResult>> Create(
        NewReservation request, CurrentUser user, SchedulerDb db, ResourceIds ids, UserTerms terms,
        ReservationQueue queue, SchedulerOptions options, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (request.Check(now) is { } bad)
            return bad;
        var (size, unfit) = request.SizeOf(await terms.OfferAsync(user.Id, ct));
        if (size is null)
            return unfit!;
        if (await terms.QuotaAsync(user.Id, ct) is not { } quota)
            return Problems.NotFound("quota");
        var r = request.ToReservation(ids.New(), user.Id, size, now);
        if (await db.OnceMoreAfterTwinAsync(
            () => AddAsync(r, quota, db, queue, options.MaxReservations, ct), ct) is { } refused)
            return refused;
        return TypedResults.Created($"/api/scheduler/reservations/{r.Id}", await db.ViewAsync(r.Id, ct));
    }

    /// <returns>Why not; null: it is added and, if there is room, ready.</returns>
    static async Task<ProblemHttpResult?> AddAsync(
        Reservation r, QuotaStanding quota, SchedulerDb db, ReservationQueue queue, int max, CancellationToken ct)
    {
        await db.TakeTurnAsync(Turns.Reservations, r.UserId, ct);
        if (await db.Reservations.AnyAsync(x => x.Id == r.Id, ct))
            return null; // the request before this one, which was not answered
        if (await db.IsSuspendedAsync(r.UserId, ct))
            return Problems.Forbidden("user-suspended", "The user is suspended: no room is reserved.");
        var own = await db.Reservations.Where(x => x.UserId == r.UserId && x.DueAt != null)
            .Select(x => new { x.CpuCores, x.MemoryGB }).ToListAsync(ct);
        if (own.Count >= max)
            return Problems.Conflict("too-many-reservations", $"You have {max} reservations already.");
        if (quota.Check(r, new(own.Count, own.Sum(x => x.CpuCores), own.Sum(x => x.MemoryGB)), r.CreatedAt) is { } full)
            return full;
        if (!await db.Nodes.AnyAsync(n => n.CpuCores >= r.CpuCores && n.MemoryGB >= r.MemoryGB, ct))
            return Problems.Conflict("too-large", "No node is large enough for such a phone, even an empty one.");
        db.Add(r);
        await db.SaveChangesAsync(ct);
        if (r.QueuedAt is not null)
            await queue.HandOverAsync(ct);
        return null;
    }

    static async Task<Results<NoContent, ProblemHttpResult>> Cancel(
        Guid id, CurrentUser user, SchedulerDb db, ReservationLeases leases, CancellationToken ct)
    {
        while (true)
        {
            if (await leases.FindAsync(id, ct) is not { } r || (r.UserId != user.Id && !user.IsOperator))
                return Problems.NotFound("reservation");
            if (r.State == ReservationState.Cancelled)
                return TypedResults.NoContent();
            if (r.DueAt is null)
                return Problems.Conflict("reservation-over", "It was used, or has expired.");
            if (!await db.OnceMoreAfterTwinAsync(
                () => leases.EndAsync(r, ReservationState.Cancelled,
                    r.UserId == user.Id ? EndReasons.User : EndReasons.Operator, ct), ct))
                continue; // it has gone on meanwhile
            return TypedResults.NoContent();
        }
    }
}
