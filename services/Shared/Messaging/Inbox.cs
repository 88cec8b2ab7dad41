using System.Globalization;
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

/// <summary>Lets a handler run once for each event id, its inbox row in the transaction of its effect.</summary>
sealed partial class InboxFilter(
    HandlerFailures failures, ServiceIdentity service, TimeProvider clock, ILogger<InboxFilter> log) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var envelope = http.Features.Get<EventEnvelope>()!;
        var db = http.RequestServices.GetRequiredService<ServiceDb>();
        var start = clock.GetTimestamp();
        try
        {
            if (!await db.InTransactionAsync(
                () => HandleOnceAsync(db, envelope, () => next(context)), http.RequestAborted))
                return Results.Ok();
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            var waited = clock.GetElapsedTime(start).TotalSeconds;
            await failures.RecordAsync(envelope, new TimeoutException(
                string.Create(CultureInfo.InvariantCulture, $"It was given up after {waited:0.0} s.")));
            throw;
        }
        catch (Exception e)
        {
            await failures.RecordAsync(envelope, e);
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
        db.Database.AutoSavepointsEnabled = false; // if this fails, nothing of this transaction is to stay
        await db.SaveChangesAsync();
        return true;
    }

    [LoggerMessage(4, LogLevel.Information, "Handled {Type} {Id} of {Source}")]
    static partial void Handled(ILogger log, string type, string id, string source);

    [LoggerMessage(2, LogLevel.Debug, "{Type} {Id} was handled before")]
    static partial void Double(ILogger log, string type, string id);
}
