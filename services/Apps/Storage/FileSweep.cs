using CloudPhone.Apps.Catalogue;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Storage;

/// <summary>
/// Removes files that nobody asks for: what failed, what a process that died was receiving or had not committed, and
/// the files of apps that were deleted, and of versions that were rejected, some time ago.
/// </summary>
sealed partial class FileSweep(
    IServiceScopeFactory scopes, Spool spool, TimeProvider clock, ILogger<FileSweep> log) : BackgroundService
{
    const int BatchSize = 100;
    static readonly TimeSpan Every = TimeSpan.FromMinutes(10);
    /// <summary>Longer than any upload takes.</summary>
    public static readonly TimeSpan UploadLimit = TimeSpan.FromHours(6);
    /// <summary>So long can an install that has begun still fetch the file of a deleted app, and an operator look at
    /// what was rejected.</summary>
    public static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    async Task SweepAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        spool.Sweep(now - UploadLimit);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        var store = scope.ServiceProvider.GetRequiredService<AppStore>();
        await CondemnAsync(db, now, ct);
        var after = Guid.Empty;
        for (List<StoredFile> batch; (batch = await db.Files.Where(f => f.Status == FileStatus.Removing && f.Id > after)
            .OrderBy(f => f.Id).Take(BatchSize).AsNoTracking().ToListAsync(ct)).Count > 0; after = batch[^1].Id)
            foreach (var file in batch)
                try
                {
                    await RemoveAsync(file, db, store, ct);
                }
                catch (Exception e) when (!ct.IsCancellationRequested)
                {
                    NotRemoved(log, file.Sha256, e.Message);
                }
    }

    /// <summary>From here on none of them can be kept or fetched. An upload that goes on all the same is refused at
    /// its end.</summary>
    static async Task CondemnAsync(AppDb db, DateTimeOffset now, CancellationToken ct)
    {
        var (begun, ended) = (now - UploadLimit, now - KeptAfterEnd);
        await CondemnAsync(db.Files.Where(f => f.Status == FileStatus.Storing && f.CreatedAt < begun), ct);
        var kept = db.Files.Where(f => f.Status == FileStatus.Kept);
        await CondemnAsync(kept.Where(f => db.Versions.Any(v => v.FileId == f.Id
            && db.Apps.Any(a => a.Id == v.AppId && a.DeletedAt < ended))), ct);
        await CondemnAsync(kept.Where(f => db.Versions.Any(v => v.FileId == f.Id && v.Status == ReviewStatus.Rejected
            && db.Reviews.Any(r => r.VersionId == v.Id && r.Status == ReviewStatus.Rejected && r.At < ended))), ct);
        // a file is kept in the transaction that names it: this is for what nobody has thought of
        await CondemnAsync(kept.Where(f => !db.Versions.Any(v => v.FileId == f.Id)), ct);
    }

    static Task<int> CondemnAsync(IQueryable<StoredFile> files, CancellationToken ct) =>
        files.ExecuteUpdateAsync(s => s.SetProperty(f => f.Status, FileStatus.Removing), ct);

    /// <summary>The row goes last: whoever dies before leaves it to the next sweep.</summary>
    async Task RemoveAsync(StoredFile file, AppDb db, AppStore store, CancellationToken ct)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, file.Parts),
            new ParallelOptions { MaxDegreeOfParallelism = FileKeeping.PartsAtOnce, CancellationToken = ct },
            async (part, token) => await store.DeleteAsync(file.PartName(part), token));
        await db.Files.Where(f => f.Id == file.Id).ExecuteDeleteAsync(ct);
        Removed(log, file.Sha256);
    }

    [LoggerMessage(1, LogLevel.Information, "Removed the file with SHA-256 {Sha256}, which no app needs")]
    static partial void Removed(ILogger log, string sha256);

    [LoggerMessage(2, LogLevel.Warning, "The files of the apps could not be swept: {Reason}")]
    static partial void Failed(ILogger log, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The file with SHA-256 {Sha256} can't be removed at the moment: {Reason}")]
    static partial void NotRemoved(ILogger log, string sha256, string reason);
}
