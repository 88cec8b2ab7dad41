using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Messaging;

/// <summary>
/// What a handler said last about an event; told with the dead letter, which itself doesn't carry it.
/// </summary>
public sealed class HandlerFailure
{
    internal const int MaxError = 2000;

    /// <summary>Of the CloudEvent; one row for each, however often it fails.</summary>
    public required string EventId { get; set; }
    /// <summary>Type and message of the last exception, cut off at 2000 characters.</summary>
    [MaxLength(MaxError)]
    public required string Error { get; set; }
    /// <summary>The last time.</summary>
    public DateTimeOffset FailedAt { get; set; }
}

/// <summary>Keeps what went wrong with an event, apart from the transaction that it has ended.</summary>
sealed partial class HandlerFailures(IServiceScopeFactory scopes, TimeProvider clock, ILogger<HandlerFailures> log)
{
    public async Task RecordAsync(EventEnvelope envelope, Exception e)
    {
        Failed(log, envelope.Type, envelope.Id, e.Message);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
            await db.InTransactionAsync(async () =>
            {
                await db.HandlerFailures.Where(f => f.EventId == envelope.Id).ExecuteDeleteAsync();
                var error = $"{e.GetType().Name}: {e.Message}";
                db.HandlerFailures.Add(new()
                {
                    EventId = envelope.Id, Error = error[..Math.Min(error.Length, HandlerFailure.MaxError)],
                    FailedAt = clock.GetUtcNow(),
                });
                await db.SaveChangesAsync();
            }, CancellationToken.None);
        }
        catch (Exception second)
        {
            // the database is away: the event waits in its queue, and the log has both
            NotRecorded(log, envelope.Id, second.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Type} {Id} failed: {Reason}")]
    static partial void Failed(ILogger log, string type, string id, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The failure of {Id} could not be recorded: {Reason}")]
    static partial void NotRecorded(ILogger log, string id, string reason);
}
