using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Messaging;

/// <summary>Removes, each hour, what nobody asks for any more. What was not delivered is never removed.</summary>
sealed partial class Housekeeping(IServiceScopeFactory scopes, TimeProvider clock, ILogger<Housekeeping> log)
    : BackgroundService
{
    static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
                var now = clock.GetUtcNow();
                var old = now - Kept;
                await db.Outbox.Where(m => m.ConfirmedAt < old).ExecuteDeleteAsync(stoppingToken);
                await db.Inbox.Where(i => i.HandledAt < old).ExecuteDeleteAsync(stoppingToken);
                await db.HandlerFailures.Where(f => f.FailedAt < old).ExecuteDeleteAsync(stoppingToken);
                await db.IdempotencyKeys.Where(k => k.ExpiresAt < now).ExecuteDeleteAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Old rows could not be removed: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
