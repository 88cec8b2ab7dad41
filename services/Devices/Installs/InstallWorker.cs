using System.Diagnostics;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>Works off the queue of installs, several at a time; those of phones that don't run wait.</summary>
sealed partial class InstallWorker(
    IServiceScopeFactory scopes, WorkSignal<Install> signal, TimeProvider clock, ILogger<InstallWorker> log)
    : BackgroundService
{
    const int BatchSize = 32;
    const int Together = 4;
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(5);
    /// <summary>Longer than one install may take: of a process that died it comes free.</summary>
    static readonly TimeSpan InHand = TimeSpan.FromMinutes(11);
    static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(10);

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
                while (await WorkAsync(stoppingToken))
                {
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Failed(log, e.Message);
            }
            await signal.WaitAsync(Sweep, clock, stoppingToken);
        }
    }

    async Task<bool> WorkAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        var now = clock.GetUtcNow();
        var due = await db.Installs
            .Where(i => i.NextAttemptAt <= now && (i.Status != InstallStatus.Pending
                || db.Devices.Any(d => d.Id == i.DeviceId && d.Status == DeviceStatus.Running)
                || !db.Devices.Any(d => d.Id == i.DeviceId)))
            .OrderBy(i => i.NextAttemptAt).Take(BatchSize).Select(i => new { i.Id, i.NextAttemptAt }).ToListAsync(ct);
        await Parallel.ForEachAsync(
            due, new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = ct },
            async (i, _) => await TryAsync(i.Id, i.NextAttemptAt, now, ct));
        return due.Count == BatchSize;
    }

    async Task TryAsync(Guid id, DateTimeOffset? due, DateTimeOffset now, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        var until = now + InHand;
        if (await db.Installs.Where(i => i.Id == id && i.NextAttemptAt == due)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.NextAttemptAt, until), ct) == 0)
            return;
        var install = await db.Installs.SingleAsync(i => i.Id == id, ct);
        RequestId.Current = install.RequestId;
        ActivityContext.TryParse(install.TraceParent, null, isRemote: true, out var parent);
        using var activity = Telemetry.Source.StartActivity("install", ActivityKind.Internal, parent);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(InstallLimit);
        await scope.ServiceProvider.GetRequiredService<Installation>().TryAsync(install, limit.Token);
    }

    /// <summary>What the process before this one had in hand is due now.</summary>
    async Task FreeAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        var now = clock.GetUtcNow();
        await db.Installs.Where(i => i.NextAttemptAt != null && i.NextAttemptAt > now)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.NextAttemptAt, now), ct);
    }

    [LoggerMessage(1, LogLevel.Warning, "The queue of installs stopped, it goes on soon: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
