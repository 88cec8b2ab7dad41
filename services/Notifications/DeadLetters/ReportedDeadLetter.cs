using System.ComponentModel.DataAnnotations;
using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.DeadLetters;

/// <summary>An event that some service could not handle, as that service told. The event itself stays there.</summary>
public sealed class ReportedDeadLetter : IEntity
{
    /// <summary>The dead letter's id in its service.</summary>
    public Guid Id { get; init; }
    [MaxLength(64)]
    public required string Service { get; init; }
    [MaxLength(128)]
    public required string EventId { get; init; }
    [MaxLength(128)]
    public required string EventName { get; init; }
    [MaxLength(2000)]
    public required string Error { get; set; }
    public DateTimeOffset FailedAt { get; set; }
    public DateTimeOffset? ReplayedAt { get; set; }
    /// <summary>Name of the operator.</summary>
    public string? ReplayedBy { get; set; }
    public DateTimeOffset? DiscardedAt { get; set; }
    public string? DiscardedBy { get; set; }
}

static class ReportedDeadLetters
{
    /// <summary>One that failed again after its replay waits again; an older report changes nothing.</summary>
    public static async Task OnDeadLetter(SystemDeadLetter e, NotificationsDb db, CancellationToken ct)
    {
        var failedAt = e.FailedAt.ToUniversalTime();
        var letter = await db.ReportedDeadLetters.SingleOrDefaultAsync(d => d.Id == e.DeadLetterId, ct);
        if (letter is null)
            db.Add(letter = new()
            {
                Id = e.DeadLetterId, Service = e.Service, EventId = e.FailedEventId, EventName = e.FailedEventName,
                Error = e.Error, FailedAt = failedAt,
            });
        if (failedAt <= letter.FailedAt)
            return;
        (letter.Error, letter.FailedAt) = (e.Error, failedAt);
        if (letter.ReplayedAt < failedAt)
            (letter.ReplayedAt, letter.ReplayedBy) = (null, null);
        if (letter.DiscardedAt < failedAt)
            (letter.DiscardedAt, letter.DiscardedBy) = (null, null);
    }
}
