using System.Threading.Channels;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Messaging;

/// <summary>
/// Notes which of the service's own events came back, many with one statement. A note that is lost with the process
/// costs one more sending, which every inbox knows as a double.
/// </summary>
sealed partial class Receipts(
    IServiceScopeFactory scopes, ServiceIdentity service, TimeProvider clock, ILogger<Receipts> log) : BackgroundService
{
    const int BatchSize = 500;
    /// <summary>Nobody waits for a receipt, and many cost as much as one.</summary>
    static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);
    readonly Channel<Guid> _ids = Channel.CreateBounded<Guid>(
        new BoundedChannelOptions(10_000) { SingleReader = true });

    public ValueTask ConfirmAsync(EventEnvelope envelope, CancellationToken ct) =>
        envelope.Source == service.AppId && Guid.TryParse(envelope.Id, out var id) ? _ids.Writer.WriteAsync(id, ct)
            : ValueTask.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Guid>(BatchSize);
        while (await _ids.Reader.WaitToReadAsync(stoppingToken))
        {
            await Task.Delay(Gathering, stoppingToken);
            batch.Clear();
            while (batch.Count < BatchSize && _ids.Reader.TryRead(out var id))
                batch.Add(id);
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var now = clock.GetUtcNow();
                var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
                await db.InTransactionAsync(async () =>
                {
                    await db.LockOutboxAsync(batch, stoppingToken);
                    await db.Outbox.Where(m => batch.Contains(m.Id) && m.ConfirmedAt == null)
                        .ExecuteUpdateAsync(s => s.SetProperty(m => m.ConfirmedAt, now), stoppingToken);
                }, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Lost(log, batch.Count, e.Message);
            }
        }
    }

    [LoggerMessage(
        1, LogLevel.Warning, "{Count} receipts could not be noted, their events will be sent again: {Reason}")]
    static partial void Lost(ILogger log, int count, string reason);
}

/// <summary>The default route of the subscription: the service's own events that it doesn't handle itself.</summary>
static class ReceiptsRoute
{
    /// <summary>All is done when its envelope is opened.</summary>
    public static Ok Handle() => TypedResults.Ok();
}
