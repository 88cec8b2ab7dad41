using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Operations;

/// <summary>Forgets, each hour, operations that were over long ago.</summary>
sealed partial class OperationSweep(IServiceScopeFactory scopes, TimeProvider clock, ILogger<OperationSweep> log)
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
                await SweepAsync(
                    scope.ServiceProvider.GetRequiredService<DeviceDb>(), clock.GetUtcNow(), stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
        }
    }

    public static Task SweepAsync(DeviceDb db, DateTimeOffset now, CancellationToken ct)
    {
        var old = now - Kept;
        return db.InTransactionAsync(async () =>
        {
            await db.OperationItems.Where(i => db.Operations.Any(o => o.Id == i.OperationId && o.CreatedAt < old))
                .ExecuteDeleteAsync(ct);
            await db.Operations.Where(o => o.CreatedAt < old).ExecuteDeleteAsync(ct);
        }, ct);
    }

    [LoggerMessage(1, LogLevel.Warning, "Old operations could not be removed: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
