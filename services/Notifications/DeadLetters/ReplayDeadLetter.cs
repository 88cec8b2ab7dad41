using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.DeadLetters;

static partial class ReplayDeadLetter
{
    /// <summary>Keeps a row with an odd name from choosing where the service's token is sent.</summary>
    static readonly HashSet<string> Services =
    [
        Contracts.AppIds.Users, Contracts.AppIds.Devices, Contracts.AppIds.Apps, Contracts.AppIds.Scheduler,
        Contracts.AppIds.Billing, Contracts.AppIds.Notifications, Contracts.AppIds.Media,
    ];

    public static async Task<Results<Ok<DeadLetterItem>, ProblemHttpResult>> Handle(
        Guid id, CurrentUser user, NotificationsDb db, IServiceProvider services, TimeProvider clock,
        ILogger<ReportedDeadLetter> log, CancellationToken ct)
    {
        var letter = await db.ReportedDeadLetters.AsNoTracking()
            .SingleOrDefaultAsync(d => d.Id == id && d.DiscardedAt == null, ct);
        if (letter is null)
            return Problems.NotFound("dead letter");
        if (!Services.Contains(letter.Service))
            return Problems.Conflict("unknown-service", $"There is no service {letter.Service}.");
        ReplayResult? result;
        try
        {
            // each replay is an act of its own: under one key the first refusal would be repeated for a day
            result = await services.GetRequiredKeyedService<Sibling>(letter.Service).PostAsync<ReplayResult>(
                "/internal/dead-letters/replay", new ReplayRequest(id), $"replay-{Guid.CreateVersion7():N}", ct);
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
        {
            return Problems.Of(StatusCodes.Status502BadGateway, "service-unreachable",
                $"{letter.Service} did not replay it: {e.Message}");
        }
        Replayed(log, user.Username, letter.EventName, letter.EventId, letter.Service, result?.Outcome ?? "unknown");
        return result?.Outcome switch
        {
            "replayed" => TypedResults.Ok(DeadLetterItem.Of(await NoteAsync(id, user, db, clock, ct))),
            "failed" => Problems.Conflict("replay-failed", result.Error ?? "It failed again."),
            _ => Problems.Conflict("unknown-dead-letter", $"{letter.Service} does not have it any more."),
        };
    }

    static async Task<ReportedDeadLetter> NoteAsync(
        Guid id, CurrentUser user, NotificationsDb db, TimeProvider clock, CancellationToken ct)
    {
        DateTimeOffset? now = clock.GetUtcNow();
        await db.InTransactionAsync(() => db.ReportedDeadLetters.Where(d => d.Id == id).ExecuteUpdateAsync(s => s
            .SetProperty(d => d.ReplayedAt, now).SetProperty(d => d.ReplayedBy, user.Username), ct), ct);
        return await db.ReportedDeadLetters.AsNoTracking().SingleAsync(d => d.Id == id, ct);
    }

    [LoggerMessage(1, LogLevel.Information, "{Operator} replayed {EventName} {EventId} in {Service}: {Outcome}")]
    static partial void Replayed(
        ILogger log, string @operator, string eventName, string eventId, string service, string outcome);
}
