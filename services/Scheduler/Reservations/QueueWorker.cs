using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Reservations;

/// <summary>
/// Lets reservations join the queue, hands room to them whenever some may have come free, and ends what is over. It is
/// woken where this process freed room; what another one left undone, as when it was killed, is found by the next look.
/// </summary>
sealed partial class QueueWorker(
    IServiceScopeFactory scopes, WorkSignals signals, TimeProvider clock, ILogger<QueueWorker> log) : BackgroundService
{
    const int BatchSize = 100;
    static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var freed = signals.Of<PlacementChange>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
            await freed.WaitAsync(Every, stoppingToken);
        }
    }

    async Task LookAsync(CancellationToken ct)
    {
        await InScopeAsync(JoinAsync);
        while (await InScopeAsync(EndAsync))
        {
        }
        while (await InScopeAsync(HandOverAsync))
        {
        }

        async Task<T> InScopeAsync<T>(Func<IServiceProvider, CancellationToken, Task<T>> work)
        {
            await using var scope = scopes.CreateAsyncScope();
            return await work(scope.ServiceProvider, ct);
        }
    }

    async Task<int> JoinAsync(IServiceProvider services, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var joining = services.GetRequiredService<SchedulerDb>().Reservations.Where(r => r.DueAt <= now
            && r.State == ReservationState.Waiting && r.QueuedAt == null);
        return !await joining.AnyAsync(ct) ? 0
            : await services.GetRequiredService<SchedulerDb>().InTransactionAsync(() => joining.ExecuteUpdateAsync(
                s => s.SetProperty(r => r.QueuedAt, r => r.StartAt).SetProperty(r => r.DueAt, r => r.EndsAt), ct), ct);
    }

    /// <returns>True: there may be more.</returns>
    async Task<bool> EndAsync(IServiceProvider services, CancellationToken ct)
    {
        var db = services.GetRequiredService<SchedulerDb>();
        var leases = services.GetRequiredService<ReservationLeases>();
        var now = clock.GetUtcNow();
        var due = await db.Reservations.AsNoTracking().Where(r => r.DueAt <= now
            && (r.State == ReservationState.Ready || r.QueuedAt != null))
            .OrderBy(r => r.DueAt).Take(BatchSize).ToListAsync(ct);
        foreach (var r in due)
            await db.OnceMoreAfterTwinAsync(() => leases.EndAsync(r, ReservationState.Expired,
                r.State == ReservationState.Ready ? EndReasons.Unused : EndReasons.NoRoom, ct), ct);
        return due.Count == BatchSize;
    }

    /// <returns>True: there is more.</returns>
    static async Task<bool> HandOverAsync(IServiceProvider services, CancellationToken ct)
    {
        var db = services.GetRequiredService<SchedulerDb>();
        var queue = services.GetRequiredService<ReservationQueue>();
        return await db.Reservations.AnyAsync(
                r => r.DueAt != null && (r.QueuedAt != null || r.State == ReservationState.Ready), ct)
            && (await db.OnceMoreAfterTwinAsync(() => queue.HandOverAsync(ct), ct)).HasMore;
    }

    [LoggerMessage(1, LogLevel.Warning, "Reservations could not be seen to: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
