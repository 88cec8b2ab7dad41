using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <summary>
/// Hands the pre-installs of new phones to the device service, several at a time, until it has taken each.
/// </summary>
sealed partial class PreinstallWorker(
    IServiceScopeFactory scopes, PreinstallSignal signal, TimeProvider clock, ILogger<PreinstallWorker> log)
    : BackgroundService
{
    const int BatchSize = 50;
    const int Together = 4;
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);
    /// <summary>Longer than one call may take: of a process that died it comes free.</summary>
    static readonly TimeSpan InHand = TimeSpan.FromSeconds(90);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.Zero;
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
                pause = await UntilNextIsDueAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Failed(log, e.Message);
                pause = Sweep;
            }
            await signal.WaitAsync(pause, clock, stoppingToken);
        }
    }

    async Task<bool> WorkAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        var now = clock.GetUtcNow();
        var due = await db.Installs.Where(i => i.NextAttemptAt <= now).OrderBy(i => i.NextAttemptAt).Take(BatchSize)
            .Select(i => new { i.Id, i.NextAttemptAt }).ToListAsync(ct);
        var together = new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = ct };
        await Parallel.ForEachAsync(
            due, together, async (i, token) => await TryAsync(i.Id, i.NextAttemptAt, now + InHand, token));
        return due.Count == BatchSize;
    }

    async Task TryAsync(Guid id, DateTimeOffset? due, DateTimeOffset until, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        var claimed = await db.Installs
            .Where(i => i.Id == id && i.NextAttemptAt == due && i.Status == InstallStatus.Pending)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.NextAttemptAt, until), ct);
        if (claimed == 0)
            return;
        var install = await db.Installs.AsNoTracking().SingleAsync(i => i.Id == id, ct);
        using var activity = Cause.Resume("pre-install", install.RequestId, install.TraceParent);
        await ActivatorUtilities.CreateInstance<Preinstall>(scope.ServiceProvider).TryAsync(install, ct);
    }

    async Task<TimeSpan> UntilNextIsDueAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        var next = await db.Installs.Where(i => i.NextAttemptAt != null).MinAsync(i => i.NextAttemptAt, ct);
        var pause = next - clock.GetUtcNow() ?? Sweep;
        return pause > Sweep ? Sweep : pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }

    /// <summary>
    /// What the process before this one had in hand is due now; where a replica still has it, a second call does no
    /// harm.
    /// </summary>
    async Task FreeAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        var now = clock.GetUtcNow();
        await db.Installs.Where(i => i.NextAttemptAt > now)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.NextAttemptAt, now), ct);
    }

    [LoggerMessage(1, LogLevel.Warning, "The pre-installs stopped, they go on soon: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
