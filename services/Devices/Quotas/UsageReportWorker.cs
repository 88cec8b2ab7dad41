using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Quotas;

/// <summary>Sends the reports that the user service could not take, until it has.</summary>
sealed partial class UsageReportWorker(
    IServiceScopeFactory scopes, WorkSignal<UsageReport> signal, TimeProvider clock, ILogger<UsageReportWorker> log)
    : BackgroundService
{
    const int BatchSize = 20;
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);
    static readonly TimeSpan InHand = TimeSpan.FromMinutes(2);
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isFirst = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (isFirst)
                    await FreeAsync(stoppingToken);
                isFirst = false;
                await SendDueAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
            await signal.WaitAsync(Sweep, clock, stoppingToken);
        }
    }

    async Task SendDueAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        var now = clock.GetUtcNow();
        var due = await db.UsageReports.AsNoTracking().Where(r => r.NextAttemptAt <= now).OrderBy(r => r.NextAttemptAt)
            .Take(BatchSize).ToListAsync(ct);
        foreach (var report in due)
            if (await db.UsageReports.Where(r => r.Id == report.Id && r.NextAttemptAt == report.NextAttemptAt)
                    .ExecuteUpdateAsync(s => s.SetProperty(r => r.NextAttemptAt, now + InHand), ct) == 1)
                await SendAsync(scope.ServiceProvider.GetRequiredService<UserQuotas>(), db, report, ct);
    }

    async Task SendAsync(UserQuotas quotas, DeviceDb db, UsageReport report, CancellationToken ct)
    {
        RequestId.Current = report.RequestId;
        var row = db.UsageReports.Where(r => r.Id == report.Id);
        try
        {
            await quotas.SendAsync(report, ct);
            await row.ExecuteDeleteAsync(ct);
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
        {
            var attempts = report.Attempts + 1;
            var next = clock.GetUtcNow() + BackOff.After(attempts, FirstPause, MaxPause);
            await row.ExecuteUpdateAsync(s =>
                s.SetProperty(r => r.Attempts, attempts).SetProperty(r => r.NextAttemptAt, next), ct);
            NotTaken(log, report.Operation, report.DeviceId, attempts, e.Message);
        }
    }

    /// <summary>What the process before this one had in hand is due now; a report that is sent twice counts
    /// once.</summary>
    async Task FreeAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        var now = clock.GetUtcNow();
        await db.UsageReports.Where(r => r.NextAttemptAt > now)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.NextAttemptAt, now), ct);
    }

    [LoggerMessage(1, LogLevel.Warning, "Usage reports could not be sent: {Reason}")]
    static partial void Failed(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Warning, "The {Operation} of device {Device} was not taken at try {Attempts}: {Reason}")]
    static partial void NotTaken(ILogger log, string operation, Guid device, int attempts, string reason);
}
