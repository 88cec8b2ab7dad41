using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Messaging;

/// <summary>
/// Sends what stands in the outbox: at once after a commit, again with growing pauses while the sidecar or broker is
/// away, and once more what was sent but never came back. Several replicas share the work.
/// </summary>
sealed partial class OutboxRelay(
    IServiceScopeFactory scopes, BulkPublisher publisher, WorkSignals signals, TimeProvider clock,
    ILogger<OutboxRelay> log) : BackgroundService
{
    const int BatchSize = 100;
    static readonly TimeSpan Sweep = TimeSpan.FromSeconds(10);
    /// <summary>So many at once show that much is written.</summary>
    const int Many = 8;
    /// <summary>Then it waits: a batch of many costs little more than one event.</summary>
    static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    /// <summary>Not much longer than a broker needs to be back.</summary>
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);
    /// <summary>
    /// Longer than a publish may take: what a killed relay had in hand is sent again after that. A receipt that is only
    /// slow costs a double.
    /// </summary>
    static readonly TimeSpan ReceiptWait = BulkPublisher.Timeout + TimeSpan.FromSeconds(3);
    static readonly TimeSpan MaxReceiptWait = TimeSpan.FromMinutes(10);
    readonly WorkSignal _signal = signals.Of<OutboxMessage>();
    int _failuresInARow;
    DateTimeOffset _lookAgainAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                var sent = await SendAllAsync(stoppingToken);
                _failuresInARow = 0;
                if (sent >= Many)
                    await Task.Delay(Gathering, stoppingToken);
                pause = await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                pause = BackOff(++_failuresInARow);
                PublishFailed(log, pause, e.Message);
                await Task.Delay(pause, clock, stoppingToken);
                continue;
            }
            await _signal.WaitAsync(pause, stoppingToken);
        }
    }

    static TimeSpan BackOff(int failures)
    {
        var pause = Math.Min(0.25 * Math.Pow(2, Math.Min(failures, 10)), MaxPause.TotalSeconds);
        return TimeSpan.FromSeconds(pause * (0.5 + Random.Shared.NextDouble() / 2));
    }

    /// <returns>How many were taken last.</returns>
    async Task<int> SendAllAsync(CancellationToken ct)
    {
        int sent;
        do
            sent = await SendBatchAsync(ct);
        while (sent == BatchSize);
        return sent;
    }

    /// <summary>What is late, and what is due next: while events keep coming that is asked from time to time.</summary>
    /// <returns>How long nothing is due, unless something new comes.</returns>
    async Task<TimeSpan> LookAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now < _lookAgainAt)
            return _lookAgainAt - now;
        _lookAgainAt = now + BetweenLooks;
        return await FreeUnconfirmedAsync(ct) ? TimeSpan.Zero : await UntilNextIsDueAsync(ct);
    }

    async Task<int> SendBatchAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
        var batch = await TakeBatchAsync(db, ct);
        if (batch.Count == 0)
            return 0;
        IReadOnlySet<Guid> failed;
        try
        {
            failed = await publisher.PublishAsync(batch, ct);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            await PutBackAsync(db, batch);
            throw;
        }
        if (failed.Count > 0)
            await PutBackAsync(db, batch.FindAll(m => failed.Contains(m.Id)));
        foreach (var m in batch.Where(m => !failed.Contains(m.Id)))
            Telemetry.Published.Add(1, new("exchange", Topology.Events), new("routing_key", m.Type));
        if (failed.Count == batch.Count)
            throw new HttpRequestException($"none of {batch.Count} events was taken");
        if (failed.Count > 0)
        {
            Refused(log, failed.Count, batch.Count); // they rest; the others need not wait for them
            _lookAgainAt = default;
        }
        return batch.Count;
    }

    /// <summary>
    /// Oldest first; others pass over rows that are being taken. They count as sent from here on, since nearly all are
    /// a moment later: one that is not after all, or whose relay dies, is sent again like one that never came back. A
    /// receipt of a sending that the sidecar could not vouch for says nothing of the other services' queues.
    /// </summary>
    /// <returns>As they were before.</returns>
    Task<List<OutboxMessage>> TakeBatchAsync(ServiceDb db, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var due = db.Database.IsNpgsql()
            ? db.Outbox.FromSql($"""
                SELECT * FROM outbox WHERE sent_at IS NULL AND next_attempt_at <= {now}
                ORDER BY next_attempt_at, id LIMIT {BatchSize} FOR UPDATE SKIP LOCKED
                """)
            : db.Outbox.Where(m => m.SentAt == null && m.NextAttemptAt <= now).OrderBy(m => m.NextAttemptAt)
                .ThenBy(m => m.Id).Take(BatchSize);
        var batch = await due.AsNoTracking().ToListAsync(ct);
        foreach (var alike in batch.GroupBy(Sendings)) // in the usual case all
        {
            var (ids, sendings) = (alike.Select(m => m.Id).ToList(), alike.Key);
            await db.Outbox.Where(m => ids.Contains(m.Id)).ExecuteUpdateAsync(
                s => s.SetProperty(m => m.Attempts, sendings).SetProperty(m => m.SentAt, now)
                    .SetProperty(m => m.ConfirmBy, now + WaitForReceipt(sendings))
                    .SetProperty(m => m.ConfirmedAt, (DateTimeOffset?)null), ct);
        }
        return batch;
    }, ct);

    /// <summary>Tries that an outage has cost say nothing of how long a receipt takes.</summary>
    static int Sendings(OutboxMessage m) => m.ConfirmBy is null ? 1 : m.Attempts + 1;

    /// <summary>
    /// They were not taken, or nobody knows as the service stops, and rest for a while. One that was sent before keeps
    /// the count of its sendings.
    /// </summary>
    Task PutBackAsync(ServiceDb db, List<OutboxMessage> batch) =>
        db.InTransactionAsync(async () =>
        {
            var ct = CancellationToken.None;
            await db.LockOutboxAsync(batch.ConvertAll(m => m.Id), ct);
            var now = clock.GetUtcNow();
            foreach (var alike in batch.GroupBy(m => (m.Attempts, WasSent: m.ConfirmBy is not null)))
            {
                var ids = alike.Select(m => m.Id).ToList();
                var attempts = alike.Key.WasSent ? alike.Key.Attempts : alike.Key.Attempts + 1;
                DateTimeOffset? confirmBy = alike.Key.WasSent ? now : null;
                await db.Outbox.Where(m => ids.Contains(m.Id)).ExecuteUpdateAsync(
                    s => s.SetProperty(m => m.Attempts, attempts).SetProperty(m => m.SentAt, (DateTimeOffset?)null)
                        .SetProperty(m => m.ConfirmBy, confirmBy)
                        .SetProperty(m => m.NextAttemptAt, now + BackOff(attempts)), ct);
            }
        }, CancellationToken.None);

    static TimeSpan WaitForReceipt(int attempts) => TimeSpan.FromSeconds(Math.Min(
        ReceiptWait.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 10)), MaxReceiptWait.TotalSeconds));

    async Task<TimeSpan> UntilNextIsDueAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
        var due = await db.Outbox.Where(m => m.SentAt == null).MinAsync(m => (DateTimeOffset?)m.NextAttemptAt, ct);
        var unseen = await db.Outbox.Where(m => m.SentAt != null && m.ConfirmedAt == null)
            .MinAsync(m => m.ConfirmBy, ct);
        var next = due < unseen ? due : unseen ?? due;
        var pause = next - clock.GetUtcNow() ?? Sweep;
        return pause > Sweep ? Sweep : pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }

    /// <summary>
    /// What was sent and never came back is sent again: the sidecar says yes even where the broker refused or lost it.
    /// </summary>
    async Task<bool> FreeUnconfirmedAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ServiceDb>();
        var now = clock.GetUtcNow();
        var late = db.Outbox.Where(m => m.SentAt != null && m.ConfirmedAt == null && m.ConfirmBy < now);
        if (!await late.AnyAsync(ct))
            return false;
        var freed = await db.InTransactionAsync(async () =>
        {
            var ids = await late.Select(m => m.Id).ToListAsync(ct);
            await db.LockOutboxAsync(ids, ct);
            return await late.Where(m => ids.Contains(m.Id)).ExecuteUpdateAsync(
                s => s.SetProperty(m => m.SentAt, (DateTimeOffset?)null).SetProperty(m => m.NextAttemptAt, now), ct);
        }, ct);
        Resending(log, freed);
        return freed > 0;
    }

    [LoggerMessage(1, LogLevel.Warning, "Events wait in the outbox, next try in {Pause}: {Reason}")]
    static partial void PublishFailed(ILogger log, TimeSpan pause, string reason);

    [LoggerMessage(3, LogLevel.Warning, "{Failed} of {Count} events were not taken and are tried again")]
    static partial void Refused(ILogger log, int failed, int count);

    [LoggerMessage(2, LogLevel.Warning, "{Count} events were sent but never came back; they are sent again")]
    static partial void Resending(ILogger log, int count);
}
