using CloudPhone.Notifications.People;
using CloudPhone.Notifications.Stored;
using CloudPhone.Notifications.Texts;
using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.Push;

/// <summary>
/// Gives new notifications to the open connections, right after their commit. A row is marked first, and pushed once at
/// most: what a dying process or an absent backplane keeps from a connection is in the list, which clients read when
/// they connect.
/// </summary>
sealed partial class Pusher(
    IServiceScopeFactory scopes, IHubContext<NotificationHub> hub, WorkSignals signals, TextCatalogue texts,
    NotificationOptions options, TimeProvider clock, ILogger<Pusher> log) : BackgroundService
{
    const int BatchSize = 100;
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);
    readonly WorkSignal _signal = signals.Of<Notification>();
    readonly SlowGroups _sends = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await PushBatchAsync(stoppingToken))
                {
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                Failed(log, e.Message);
            }
            await _signal.WaitAsync(Sweep, stoppingToken);
        }
    }

    async Task<bool> PushBatchAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDb>();
        var batch = await TakeBatchAsync(db, ct);
        if (batch.Count == 0)
            return false;
        var languages = await Language.OfAsync(db, [.. batch.Select(n => n.UserId).Distinct()], ct);
        foreach (var n in batch)
            Push(n, languages);
        return batch.Count == BatchSize;
    }

    /// <summary>Marks them in the same transaction; other replicas pass over rows that are being taken.</summary>
    Task<List<Notification>> TakeBatchAsync(NotificationsDb db, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
        {
            var open = db.Database.IsNpgsql()
                ? db.Notifications.FromSql($"""
                    SELECT * FROM notifications WHERE pushed_at IS NULL ORDER BY id LIMIT {BatchSize}
                    FOR UPDATE SKIP LOCKED
                    """)
                : db.Notifications.Where(n => n.PushedAt == null).OrderBy(n => n.Id).Take(BatchSize);
            var batch = await open.AsNoTracking().ToListAsync(ct);
            var ids = batch.ConvertAll(n => n.Id);
            DateTimeOffset? now = clock.GetUtcNow();
            if (batch.Count > 0)
                await db.Notifications.Where(n => ids.Contains(n.Id))
                    .ExecuteUpdateAsync(s => s.SetProperty(n => n.PushedAt, now), ct);
            return batch;
        }, ct);

    void Push(Notification n, Dictionary<Guid, string> languages)
    {
        if (n.UserId == Notification.Operators)
            foreach (var language in Language.All)
                Send(NotificationHub.GroupOfOperators(language), n, language);
        else
            Send(NotificationHub.GroupOf(n.UserId), n, languages.GetValueOrDefault(n.UserId, options.DefaultLanguage));
    }

    void Send(string group, Notification n, string language)
    {
        if (!_sends.TryStart(group, () =>
            hub.Clients.Group(group).SendAsync(NotificationHub.Method, NotificationItem.Of(n, texts, language)),
            e => Failed(log, e.Message)))
            TooSlow(log, group, n.Id);
    }

    [LoggerMessage(1, LogLevel.Warning, "Notifications could not be pushed, they are in the lists: {Reason}")]
    static partial void Failed(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Debug, "{Group} reads too slowly: {Id} is only in the list")]
    static partial void TooSlow(ILogger log, string group, Guid id);
}
