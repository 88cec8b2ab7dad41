using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Shared.Work;

/// <summary>
/// One row in one hand. The lease is short and renewed while the work runs, so that the rows of a process that dies
/// are taken up by another soon; who has lost it can change nothing any more.
/// </summary>
sealed class Lease<TDb, TRow> : IAsyncDisposable where TDb : ServiceDb where TRow : DueRow
{
    readonly IServiceScopeFactory _scopes;
    readonly TimeProvider _clock;
    readonly TimeSpan _length;
    readonly Guid _rowId;
    readonly Guid _id = Guid.NewGuid();
    readonly CancellationTokenSource _lost;
    readonly CancellationTokenSource _ended = new();
    Task _renewing = Task.CompletedTask;

    Lease(DueWorkerParts parts, Guid rowId, TimeSpan length)
    {
        (_scopes, _clock, _rowId, _length) = (parts.Scopes, parts.Clock, rowId, length);
        _lost = new(length, _clock);
    }

    /// <summary>Cancelled when the row is somebody else's, or could be.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <returns>Null where somebody else was faster.</returns>
    public static async Task<Lease<TDb, TRow>?> TakeAsync(
        DueWorkerParts parts, Guid rowId, DateTimeOffset due, TimeSpan length, CancellationToken ct)
    {
        var lease = new Lease<TDb, TRow>(parts, rowId, length);
        var (id, until) = ((Guid?)lease._id, (DateTimeOffset?)(parts.Clock.GetUtcNow() + length));
        var isMine = false;
        try
        {
            isMine = await lease.UpdateAsync(
                db => db.Set<TRow>().Where(r => r.Id == rowId && r.NextAttemptAt == due),
                rows => rows.ExecuteUpdateAsync(s => s.SetProperty(r => r.NextAttemptAt, until)
                    .SetProperty(r => r.LeaseId, id).SetProperty(r => r.Attempts, r => r.Attempts + 1), ct), ct);
            return isMine ? lease : null;
        }
        finally
        {
            if (isMine)
                lease._renewing = lease.RenewAsync(lease._ended.Token);
            else
                await lease.DisposeAsync();
        }
    }

    /// <summary>
    /// Saves what the work has changed, and with it when the row is due again, null for never.
    /// </summary>
    /// <returns>False, with nothing saved, where the row is not this lease's any more.</returns>
    public async Task<bool> SettleAsync(TDb db, DateTimeOffset? next)
    {
        var isSettled = await db.InTransactionAsync(async () =>
        {
            var isMine = await Mine(db).ExecuteUpdateAsync(
                s => s.SetProperty(r => r.NextAttemptAt, next).SetProperty(r => r.LeaseId, (Guid?)null)) == 1;
            if (isMine)
                await db.SaveChangesAsync(acceptAllChangesOnSuccess: false); // a commit that fails is repeated
            return isMine;
        }, CancellationToken.None);
        db.ChangeTracker.Clear();
        return isSettled;
    }

    /// <summary>It is due now, as if it had not been taken.</summary>
    public Task GiveBackAsync(CancellationToken ct)
    {
        DateTimeOffset? now = _clock.GetUtcNow();
        return UpdateAsync(Mine, rows => rows.ExecuteUpdateAsync(s => s.SetProperty(r => r.NextAttemptAt, now)
            .SetProperty(r => r.LeaseId, (Guid?)null).SetProperty(r => r.Attempts, r => r.Attempts - 1), ct), ct);
    }

    /// <summary>
    /// Ends the renewing; a row that was neither settled nor given back comes free when the lease is over.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _renewing;
        _ended.Dispose();
        _lost.Dispose();
    }

    IQueryable<TRow> Mine(TDb db) =>
        db.Set<TRow>().Where(r => r.Id == _rowId && r.LeaseId == _id && r.NextAttemptAt != null);

    async Task RenewAsync(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(_length / 3, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
                if (!await TryRenewAsync(ended))
                    await _lost.CancelAsync();
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
        }
    }

    /// <returns>False where it is somebody else's. While the database is away it lasts until its end.</returns>
    async Task<bool> TryRenewAsync(CancellationToken ct)
    {
        DateTimeOffset? until = _clock.GetUtcNow() + _length;
        try
        {
            if (!await UpdateAsync(
                Mine, rows => rows.ExecuteUpdateAsync(s => s.SetProperty(r => r.NextAttemptAt, until), ct), ct))
                return false;
            if (until - _clock.GetUtcNow() is { Ticks: > 0 } left)
                _lost.CancelAfter(left);
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            // the next tick tries again
        }
        return true;
    }

    async Task<bool> UpdateAsync(
        Func<TDb, IQueryable<TRow>> rows, Func<IQueryable<TRow>, Task<int>> update, CancellationToken ct)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TDb>();
        return await db.InTransactionAsync(() => update(rows(db)), ct) == 1;
    }
}
