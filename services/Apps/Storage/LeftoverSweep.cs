using CloudPhone.Apps.Uploads;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Storage;

/// <summary>
/// Removes files that nobody asks for: what a process that died was receiving or had not committed, and the files of
/// apps that were deleted some time ago. Also the notes of deleted phones, once no event about them can come any more.
/// </summary>
sealed partial class LeftoverSweep(
    IServiceScopeFactory scopes, Spool spool, TimeProvider clock, ILogger<LeftoverSweep> log) : BackgroundService
{
    const int BatchSize = 100;
    static readonly TimeSpan Every = TimeSpan.FromHours(1);
    /// <summary>Longer than any upload takes.</summary>
    static readonly TimeSpan UploadLimit = TimeSpan.FromHours(6);
    /// <summary>So long can an install that has begun still fetch the file of a deleted app.</summary>
    static readonly TimeSpan KeptAfterDeletion = TimeSpan.FromDays(7);
    static readonly TimeSpan NotesKept = TimeSpan.FromDays(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    async Task SweepAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        foreach (var upload in Directory.EnumerateFiles(spool.Folder, "*.upload")
            .Where(f => File.GetLastWriteTimeUtc(f) < (now - UploadLimit).UtcDateTime))
            File.Delete(upload);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        await db.DeletedDevices.Where(d => d.DeletedAt < now - NotesKept).ExecuteDeleteAsync(ct);
        await CondemnAsync(db, now, ct);
        var store = scope.ServiceProvider.GetRequiredService<AppStore>();
        for (List<StoredFile> batch; (batch = await db.Files.Where(f => f.Status == FileStatus.Removing)
            .OrderBy(f => f.CreatedAt).Take(BatchSize).AsNoTracking().ToListAsync(ct)).Count > 0;)
            foreach (var file in batch)
                await RemoveAsync(file, db, store, ct);
    }

    /// <summary>From here on none of them can be kept or fetched. An upload that goes on all the same is refused at
    /// its end.</summary>
    static async Task CondemnAsync(AppDb db, DateTimeOffset now, CancellationToken ct)
    {
        await db.Files.Where(f => f.Status == FileStatus.Storing && f.CreatedAt < now - UploadLimit)
            .ExecuteUpdateAsync(s => s.SetProperty(f => f.Status, FileStatus.Removing), ct);
        var gone = db.Apps.Where(a => a.DeletedAt < now - KeptAfterDeletion)
            .Join(db.Versions, a => a.Id, v => v.AppId, (_, v) => v.FileId);
        await db.Files.Where(f => f.Status == FileStatus.Kept && gone.Contains(f.Id))
            .ExecuteUpdateAsync(s => s.SetProperty(f => f.Status, FileStatus.Removing), ct);
    }

    /// <summary>The row goes last: whoever dies before leaves it to the next sweep.</summary>
    async Task RemoveAsync(StoredFile file, AppDb db, AppStore store, CancellationToken ct)
    {
        for (var part = 0; part < file.Parts; part++)
            await store.DeleteAsync(file.PartName(part), ct);
        await db.Files.Where(f => f.Id == file.Id).ExecuteDeleteAsync(ct);
        Removed(log, file.Sha256);
    }

    [LoggerMessage(1, LogLevel.Information, "Removed the file with SHA-256 {Sha256}, which no app needs")]
    static partial void Removed(ILogger log, string sha256);

    [LoggerMessage(2, LogLevel.Warning, "The files of the apps could not be swept: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
