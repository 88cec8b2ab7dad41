using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Nodes;

/// <summary>Notes which nodes are not heard of any more, and tells it once for each time.</summary>
sealed partial class NodeWatch(
    IServiceScopeFactory scopes, SchedulerOptions options, TimeProvider clock, ILogger<NodeWatch> log)
    : BackgroundService
{
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(
            options.NodeDownAfter / 4 < MaxPause ? options.NodeDownAfter / 4 : MaxPause, clock);
        // while this service or its database was away nobody could be heard: the time counts from then on
        var since = clock.GetUtcNow();
        do
        {
            try
            {
                var now = clock.GetUtcNow();
                if (now - since >= options.NodeDownAfter)
                    await LookAsync(now, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
                since = clock.GetUtcNow();
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    async Task LookAsync(DateTimeOffset now, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDb>();
        var outbox = scope.ServiceProvider.GetRequiredService<Outbox>();
        var overdue = now - options.NodeDownAfter;
        foreach (var node in await db.Nodes.AsNoTracking().Where(n => n.LastSeenAt < overdue && n.DownSince == null)
            .ToListAsync(ct))
        {
            var isFirst = await db.InTransactionAsync(async () =>
            {
                // of several replicas one finds it as it was; a heartbeat that came meanwhile leaves nothing to tell
                if (await db.Nodes.Where(n => n.Id == node.Id && n.LastSeenAt == node.LastSeenAt && n.DownSince == null)
                    .ExecuteUpdateAsync(s => s.SetProperty(n => n.DownSince, (DateTimeOffset?)now), ct) == 0)
                    return false;
                outbox.Add(new SchedulerNodeDown(node.Id, node.Name, node.LastSeenAt!.Value, now));
                await db.SaveChangesAsync(ct);
                return true;
            }, ct);
            if (isFirst)
                Down(log, node.Name, node.LastSeenAt!.Value, node.UsedDevices);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Node {Name} is down: last heard of at {Seen}, with {Phones} phones")]
    static partial void Down(ILogger log, string name, DateTimeOffset seen, int phones);

    [LoggerMessage(2, LogLevel.Warning, "Nodes could not be watched: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
