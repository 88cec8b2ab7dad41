using CloudPhone.Scheduler.Reservations;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Placements;

/// <summary>Frees what nobody confirmed in time, and forgets what was released long ago.</summary>
sealed partial class ExpirySweep(
    IServiceScopeFactory scopes, TimeProvider clock, ILogger<ExpirySweep> log) : BackgroundService
{
    const int BatchSize = 100;
    static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);
    /// <summary>Longer than any event or repeated call can be late.</summary>
    static readonly TimeSpan ReleasedKept = TimeSpan.FromDays(30);
    /// <summary>Somebody who makes and cancels reservations for long is not to fill the table.</summary>
    static readonly TimeSpan CancelledKept = TimeSpan.FromDays(1);
    static readonly TimeSpan HistoryKept = TimeSpan.FromDays(90);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        var nextForgetting = clock.GetUtcNow();
        do
        {
            try
            {
                while (await ExpireAsync(stoppingToken))
                {
                }
                if (clock.GetUtcNow() is var now && now >= nextForgetting)
                {
                    await ForgetAsync(stoppingToken);
                    nextForgetting = now + ForgetEvery;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    async Task<bool> ExpireAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = clock.GetUtcNow();
        var due = await scope.ServiceProvider.GetRequiredService<SchedulerDb>().Placements.Where(p => p.ExpiresAt < now)
            .OrderBy(p => p.ExpiresAt).Take(BatchSize).Select(p => p.DeviceId).ToListAsync(ct);
        foreach (var deviceId in due)
            await ExpireAsync(deviceId, ct);
        return due.Count == BatchSize;
    }

    async Task ExpireAsync(Guid deviceId, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDb>();
        var book = scope.ServiceProvider.GetRequiredService<PlacementBook>();
        var leases = scope.ServiceProvider.GetRequiredService<ReservationLeases>();
        if (await db.OnceMoreAfterTwinAsync(async () =>
        {
            var placement = await book.FindAsync(deviceId, ct);
            if (placement is not { State: PlacementState.Reserved } || !(placement.ExpiresAt < clock.GetUtcNow()))
                return false;
            var isKept = await leases.TakeBackAsync(placement, ct);
            await book.FreeAsync(placement, PlacementState.Expired, PlacementAction.Expired, isKept, ct);
            return true;
        }, ct))
            Expired(log, deviceId);
    }

    async Task ForgetAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDb>();
        var now = clock.GetUtcNow();
        DateTimeOffset released = now - ReleasedKept, history = now - HistoryKept,
            cancelled = now - CancelledKept;
        await db.Placements.Where(p => p.UpdatedAt < released
            && (p.State == PlacementState.Released || p.State == PlacementState.Expired))
            .ExecuteDeleteAsync(ct);
        await db.Reservations.Where(r => r.DueAt == null && (r.EndsAt < history
            || (r.State == ReservationState.Cancelled && r.CreatedAt < cancelled))).ExecuteDeleteAsync(ct);
        await db.PlacementHistory.Where(h => h.At < history).ExecuteDeleteAsync(ct);
        await db.ActionRuns.Where(r => r.At < history).ExecuteDeleteAsync(ct);
    }

    [LoggerMessage(1, LogLevel.Warning, "The placement of device {Device} was never confirmed and is freed")]
    static partial void Expired(ILogger log, Guid device);

    [LoggerMessage(2, LogLevel.Warning, "Old placements could not be freed: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
