using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Shared.Work;

/// <summary>
/// Works off the rows of one table when they are due, several at a time, and sleeps until the next is. Several replicas
/// share the work: a row is in one hand at a time, and of a process that dies it comes free within
/// <see cref="LeaseLength"/>. What is done must bear repetition, as it is repeated where a process dies before its
/// result is saved.
/// </summary>
public abstract class DueWorker<TDb, TRow>(DueWorkerParts parts, ILogger log) : BackgroundService
    where TDb : ServiceDb where TRow : DueRow
{
    const int LookAhead = 50;
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.25);
    static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);
    readonly WorkSignal _signal = parts.Signals.Of<TRow>().Beside();

    /// <summary>What is done, in two or three words for logs and traces.</summary>
    protected abstract string What { get; }

    /// <summary>How many rows are in hand at once.</summary>
    protected virtual int Hands => 4;

    /// <summary>
    /// How often it looks, though nobody woke it: what another replica wrote or gave back is found then.
    /// </summary>
    protected virtual TimeSpan Sweep => TimeSpan.FromSeconds(30);

    /// <summary>How long one try may take.</summary>
    protected virtual TimeSpan Limit => TimeSpan.FromMinutes(2);

    /// <summary>Renewed each third of it. Clocks of replicas may differ by less than that.</summary>
    protected virtual TimeSpan LeaseLength => TimeSpan.FromSeconds(15);

    /// <summary>Tests give their own.</summary>
    protected TimeProvider Clock => parts.Clock;

    /// <summary>The rows that can be worked on at all, whenever they are due.</summary>
    protected virtual IQueryable<TRow> Ready(TDb db) => db.Set<TRow>();

    /// <summary>How long a row rests after so many tries that failed.</summary>
    protected virtual TimeSpan PauseAfter(int attempts) =>
        BackOff.After(attempts, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>
    /// One try, under the request and trace of the row. The row is tracked by the scope's context, which is saved
    /// afterwards if the row is still this worker's. An exception leaves nothing saved; the row then rests.
    /// </summary>
    /// <returns>When it is due again; null: it is done.</returns>
    protected abstract Task<DateTimeOffset?> TryAsync(TRow row, IServiceProvider services, CancellationToken ct);

    /// <summary>Ends once every row in hand was settled or given back.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hands = new SemaphoreSlim(Hands);
        for (var failures = 0; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                var pause = await StartDueAsync(hands, stoppingToken);
                failures = 0;
                await _signal.WaitAsync(pause, stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                var pause = BackOff.After(++failures, FirstPause, MaxPause);
                DueWorkerLog.Interrupted(log, What, pause, e.Message);
                await Task.Delay(pause, Clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        for (var free = 0; free < Hands; free++)
            await hands.WaitAsync(CancellationToken.None);
    }

    /// <returns>How long there is nothing to do.</returns>
    async Task<TimeSpan> StartDueAsync(SemaphoreSlim hands, CancellationToken ct)
    {
        while (true)
        {
            var now = Clock.GetUtcNow();
            var next = await LookAsync(ct);
            var due = next.FindAll(r => r.DueAt <= now);
            foreach (var (id, dueAt) in due)
                await StartAsync(id, dueAt, hands, ct);
            if (due.Count == 0)
                return next is [var first, ..] && first.DueAt - now < Sweep ? first.DueAt - now : Sweep;
        }
    }

    async Task<List<(Guid Id, DateTimeOffset DueAt)>> LookAsync(CancellationToken ct)
    {
        await using var scope = parts.Scopes.CreateAsyncScope();
        var next = await Ready(scope.ServiceProvider.GetRequiredService<TDb>()).Where(r => r.NextAttemptAt != null)
            .OrderBy(r => r.NextAttemptAt).Take(LookAhead).Select(r => new { r.Id, r.NextAttemptAt }).ToListAsync(ct);
        return next.ConvertAll(r => (r.Id, r.NextAttemptAt!.Value));
    }

    async Task StartAsync(Guid id, DateTimeOffset dueAt, SemaphoreSlim hands, CancellationToken ct)
    {
        await hands.WaitAsync(ct);
        Lease<TDb, TRow>? lease = null;
        try
        {
            lease = await Lease<TDb, TRow>.TakeAsync(parts, id, dueAt, LeaseLength, ct);
        }
        finally
        {
            if (lease is null)
                hands.Release();
        }
        if (lease is not null)
            _ = WorkAsync(id, lease, hands, ct);
    }

    /// <summary>Never fails: what can't be put down is done again when the lease is over.</summary>
    async Task WorkAsync(Guid id, Lease<TDb, TRow> lease, SemaphoreSlim hands, CancellationToken stopping)
    {
        try
        {
            await using (lease)
                await WorkAsync(id, lease, stopping);
        }
        catch (Exception e)
        {
            DueWorkerLog.Dropped(log, What, id, e.Message);
        }
        finally
        {
            hands.Release();
        }
    }

    async Task WorkAsync(Guid id, Lease<TDb, TRow> lease, CancellationToken stopping)
    {
        await using var scope = parts.Scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        using var limit = new CancellationTokenSource(Limit, Clock);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(stopping, lease.Lost, limit.Token);
        var attempts = 1;
        try
        {
            if (await db.Set<TRow>().SingleOrDefaultAsync(r => r.Id == id, any.Token) is not { } row)
                return;
            attempts = row.Attempts;
            using var activity = Cause.Resume(What, row.RequestId, row.TraceParent);
            await PutDownAsync(db, lease, id, await TryAsync(row, scope.ServiceProvider, any.Token), stopping);
        }
        catch (Exception) when (lease.Lost.IsCancellationRequested)
        {
            DueWorkerLog.Lost(log, What, id);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            using var soon = new CancellationTokenSource(LastWords, Clock);
            await lease.GiveBackAsync(soon.Token);
        }
        catch (Exception e)
        {
            var pause = PauseAfter(attempts);
            var reason = limit.IsCancellationRequested ? $"it took longer than {Limit}" : e.Message;
            DueWorkerLog.Failed(log, What, id, attempts, pause, reason);
            db.ChangeTracker.Clear();
            await PutDownAsync(db, lease, id, Clock.GetUtcNow() + pause, stopping);
        }
    }

    /// <summary>Saves; again where the database is away for a moment, for as long as the row is in hand.</summary>
    async Task PutDownAsync(
        TDb db, Lease<TDb, TRow> lease, Guid id, DateTimeOffset? next, CancellationToken stopping)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                if (!await lease.SettleAsync(db, next))
                    DueWorkerLog.Lost(log, What, id);
                else if (next is not null)
                    _signal.Wake(); // it may be due before what the loop sleeps for
                return;
            }
            catch (Exception e) when (DatabaseErrors.IsPassing(e) && !stopping.IsCancellationRequested)
            {
                DueWorkerLog.NotSaved(log, What, id, e.Message);
                await Task.Delay(BackOff.After(failures, FirstPause, MaxPause), Clock, lease.Lost);
            }
        }
    }
}

/// <summary>What a <see cref="DueWorker{TDb, TRow}"/> needs from the process.</summary>
public sealed record DueWorkerParts(IServiceScopeFactory Scopes, WorkSignals Signals, TimeProvider Clock);
