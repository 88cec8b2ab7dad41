using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.DeadLetters;

public sealed record DeadLetterItem(
    Guid Id, string Service, string EventId, string EventName, string Error, DateTimeOffset FailedAt,
    DateTimeOffset? ReplayedAt, string? ReplayedBy)
{
    internal static DeadLetterItem Of(ReportedDeadLetter d) =>
        new(d.Id, d.Service, d.EventId, d.EventName, d.Error, d.FailedAt, d.ReplayedAt, d.ReplayedBy);
}

static class DeadLetterRoutes
{
    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/api/notifications/dead-letters").WithTags("Dead letters")
            .RequireAuthorization(Policies.Operator);
        letters.MapGet("/", List).WithName("ListDeadLetters")
            .WithSummary(
                "Events that a service could not handle, newest first; service= and replayed= narrow the list.");
        letters.MapPost("/{id:guid}/replay", ReplayDeadLetter.Handle).WithName("ReplayDeadLetter")
            .WithSummary("Lets the service that keeps the event handle it again.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status502BadGateway);
        letters.MapDelete("/{id:guid}", Discard).WithName("DiscardDeadLetter")
            .WithSummary("Takes one off the list. Its service keeps the event; if it fails again it is back.");
    }

    static async Task<Page<DeadLetterItem>> List(
        PageRequest page, string? service, bool? replayed, NotificationsDb db, CancellationToken ct)
    {
        var letters = db.ReportedDeadLetters.Where(d => d.DiscardedAt == null);
        if (service is { Length: > 0 })
            letters = letters.Where(d => d.Service == service);
        if (replayed is { } wanted)
            letters = letters.Where(d => (d.ReplayedAt != null) == wanted);
        return (await letters.ToPageAsync(page, ct)).Select(DeadLetterItem.Of);
    }

    static async Task<Results<NoContent, ProblemHttpResult>> Discard(
        Guid id, CurrentUser user, NotificationsDb db, TimeProvider clock, CancellationToken ct)
    {
        DateTimeOffset? now = clock.GetUtcNow();
        var discarded = await db.InTransactionAsync(() =>
            db.ReportedDeadLetters.Where(d => d.Id == id && d.DiscardedAt == null).ExecuteUpdateAsync(s => s
                .SetProperty(d => d.DiscardedAt, now).SetProperty(d => d.DiscardedBy, user.Username), ct), ct);
        return discarded == 0 ? Problems.NotFound("dead letter") : TypedResults.NoContent();
    }
}
