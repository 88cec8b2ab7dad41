using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Messaging;

/// <summary>An event that this service has handled.</summary>
public sealed class InboxEntry
{
    /// <summary>Of the CloudEvent.</summary>
    public required string EventId { get; set; }
    /// <summary>When its effect was committed; the row goes 7 days later.</summary>
    public DateTimeOffset HandledAt { get; set; }
}

/// <summary>
/// What a handler said last about an event; told with the dead letter, which itself doesn't carry it.
/// </summary>
public sealed class HandlerFailure
{
    /// <summary>Of the CloudEvent; one row for each, however often it fails.</summary>
    public required string EventId { get; set; }
    /// <summary>Type and message of the last exception, cut off at 2000 characters.</summary>
    [System.ComponentModel.DataAnnotations.MaxLength(2000)]
    public required string Error { get; set; }
    /// <summary>The last time.</summary>
    public DateTimeOffset FailedAt { get; set; }
}

/// <summary>Lets a handler run once for each event id, its inbox row in the transaction of its effect.</summary>
sealed partial class InboxFilter(
    IServiceScopeFactory scopes, Receipts receipts, ServiceIdentity service, TimeProvider clock,
        ILogger<InboxFilter> log) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var envelope = http.Features.Get<EventEnvelope>()!;
        await receipts.ConfirmAsync(envelope, http.RequestAborted);
        var db = http.RequestServices.GetRequiredService<ServiceDb>();
        try
        {
            if (!await db.InTransactionAsync(
                () => HandleOnceAsync(db, envelope, () => next(context)), http.RequestAborted))
                return Results.Ok();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Failed(log, envelope.Type, envelope.Id, e.Message);
            await RecordAsync(envelope, e);
            throw;
        }
        Handled(log, envelope.Type, envelope.Id, envelope.Source);
        Telemetry.Consumed.Add(1, new KeyValuePair<string, object?>("queue", service.Queue()));
        return Results.Ok();
    }

    /// <returns>False: it was handled before.</returns>
    async Task<bool> HandleOnceAsync(ServiceDb db, EventEnvelope envelope, Func<ValueTask<object?>> handler)
    {
        // the row comes first: a twin that runs at the same time waits here until the first has committed, and then
        // finds it
        var now = clock.GetUtcNow();
        var isNew = await db.Database.ExecuteSqlAsync(db.Database.IsSqlite()
            ? $"INSERT INTO inbox (event_id, handled_at) VALUES ({envelope.Id}, {now.UtcTicks}) ON CONFLICT DO NOTHING"
            : (FormattableString)$"""
                INSERT INTO inbox (event_id, handled_at) VALUES ({envelope.Id}, {now}) ON CONFLICT DO NOTHING
                """);
        if (isNew == 0)
        {
            Double(log, envelope.Type, envelope.Id);
            return false;
        }
        if (await handler() is IStatusCodeHttpResult { StatusCode: >= 400 } refused)
            throw new InvalidOperationException($"the handler answered {refused.StatusCode}");
        await db.SaveChangesAsync();
        return true;
    }

    async Task RecordAsync(EventEnvelope envelope, Exception e)
    {
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
                    EventId = envelope.Id, Error = error[..Math.Min(error.Length, 2000)],
                    FailedAt = clock.GetUtcNow()
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

    [LoggerMessage(4, LogLevel.Information, "Handled {Type} {Id} of {Source}")]
    static partial void Handled(ILogger log, string type, string id, string source);

    [LoggerMessage(1, LogLevel.Warning, "{Type} {Id} failed: {Reason}")]
    static partial void Failed(ILogger log, string type, string id, string reason);

    [LoggerMessage(2, LogLevel.Debug, "{Type} {Id} was handled before")]
    static partial void Double(ILogger log, string type, string id);

    [LoggerMessage(3, LogLevel.Warning, "The failure of {Id} could not be recorded: {Reason}")]
    static partial void NotRecorded(ILogger log, string id, string reason);
}
