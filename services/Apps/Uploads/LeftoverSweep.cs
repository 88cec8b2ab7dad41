using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Uploads;

/// <summary>
/// Removes files that nobody asks for: what a process that died was receiving or had not committed, and the files of
/// apps that were
/// deleted some time ago. Also the notes of deleted phones, once no event about them can come any more.
/// </summary>
sealed partial class LeftoverSweep(
    IServiceScopeFactory scopes, AppFiles files, TimeProvider clock, ILogger<LeftoverSweep> log) : BackgroundService
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
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        var oldNotes = clock.GetUtcNow() - NotesKept;
        await db.DeletedDevices.Where(d => d.DeletedAt < oldNotes).ExecuteDeleteAsync(ct);
        foreach (var upload in Directory.EnumerateFiles(files.Folder, "*.upload").Where(IsOld))
            Remove(upload);
        foreach (var batch in Directory.EnumerateFiles(files.Folder, "*.apk").Where(IsOld).Chunk(BatchSize))
            await RemoveUnusedAsync(db, batch, ct);
    }

    async Task RemoveUnusedAsync(AppDb db, string[] batch, CancellationToken ct)
    {
        var hashes = batch.Select(f => Path.GetFileNameWithoutExtension(f)).ToList();
        var deletedBefore = clock.GetUtcNow() - KeptAfterDeletion;
        var used = await db.Versions.Where(v => hashes.Contains(v.Sha256))
            .Join(db.Apps.Where(a => a.DeletedAt == null || a.DeletedAt > deletedBefore), v => v.AppId, a => a.Id,
            (v, _) => v.Sha256)
            .ToHashSetAsync(ct);
        // the age again: an upload of the same bytes may have put a new file there meanwhile
        foreach (var file in batch.Where(f => !used.Contains(Path.GetFileNameWithoutExtension(f)) && IsOld(f)))
            Remove(file);
    }

    bool IsOld(string file) => File.GetLastWriteTimeUtc(file) < (clock.GetUtcNow() - UploadLimit).UtcDateTime;

    void Remove(string file)
    {
        File.Delete(file);
        Removed(log, Path.GetFileName(file));
    }

    [LoggerMessage(1, LogLevel.Information, "Removed {File}, which no app needs")]
    static partial void Removed(ILogger log, string file);

    [LoggerMessage(2, LogLevel.Warning, "The folder of the apps could not be swept: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
