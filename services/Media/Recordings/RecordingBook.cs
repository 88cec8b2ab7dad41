using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Media.Recordings;

/// <summary>What is written down of recordings.</summary>
sealed partial class RecordingBook(
    MediaDb db, RecordingOptions options, TimeProvider clock, ILogger<RecordingBook> log)
{
    /// <summary>Any constant.</summary>
    const int ShareLock = 5_017_001;
    const int AtOnce = 100;
    const long Least = 1 << 20;

    /// <summary>Takes as much of the user's share as one may have, or what is left of it.</summary>
    /// <returns>False: the user keeps as many, or as much, as may be.</returns>
    public Task<bool> BeginAsync(Recording recording, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        await db.TakeTurnAsync(ShareLock, recording.UserId, ct); // two at once would both take what is left
        var taken = await db.Recordings.Where(r => r.UserId == recording.UserId).GroupBy(r => 1)
            .Select(g => new { Count = g.Count(), Bytes = g.Sum(r => r.EndedAt == null ? r.MaxBytes : r.Bytes) })
            .SingleOrDefaultAsync(ct);
        recording.MaxBytes = Math.Min(options.MaxBytes, options.MaxBytesPerUser - (taken?.Bytes ?? 0));
        if (taken?.Count >= options.PerUser || options.PerUser == 0 || recording.MaxBytes < Least)
            return false;
        db.Add(recording);
        await db.SaveChangesAsync(ct);
        return true;
    }, ct);

    /// <returns>False: it was deleted meanwhile.</returns>
    public async Task<bool> EndAsync(LiveRecording live, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await db.InTransactionAsync(() => db.Recordings.Where(r => r.Id == live.Id).ExecuteUpdateAsync(r => r
            .SetProperty(e => e.EndedAt, e => e.EndedAt ?? now).SetProperty(e => e.EndReason, live.Reason)
            .SetProperty(e => e.Bytes, live.Bytes).SetProperty(e => e.Milliseconds, live.Milliseconds), ct), ct);
        return await db.Recordings.AnyAsync(r => r.Id == live.Id, ct);
    }

    /// <summary>Says that they record.</summary>
    /// <returns>Those that somebody wants ended, by another process, with the reason; null: they were deleted.
    /// </returns>
    public async Task<IReadOnlyDictionary<Guid, string?>> SayAsync(IReadOnlyList<Guid> mine, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await db.InTransactionAsync(() => db.Recordings.Where(r => mine.Contains(r.Id) && r.EndedAt == null)
            .ExecuteUpdateAsync(r => r.SetProperty(e => e.SeenAt, now), ct), ct);
        var known = await db.Recordings.Where(r => mine.Contains(r.Id))
            .ToDictionaryAsync(r => r.Id, r => r.EndReason, ct);
        return mine.Where(id => !known.TryGetValue(id, out var reason) || reason is not null)
            .ToDictionary(id => id, id => known.GetValueOrDefault(id));
    }

    /// <summary>Ends those whose process has died: what it had written is the film.</summary>
    public async Task EndSilentAsync(DateTimeOffset since, CancellationToken ct)
    {
        var silent = await db.Recordings.AsNoTracking().Where(r => r.EndedAt == null && r.SeenAt < since)
            .OrderBy(r => r.SeenAt).Take(AtOnce).ToListAsync(ct);
        foreach (var row in silent)
        {
            var bytes = new FileInfo(options.PathOf(row.Id)) is { Exists: true } file ? file.Length : 0;
            var time = (long)(row.SeenAt - row.StartedAt).TotalMilliseconds;
            await db.InTransactionAsync(() => db.Recordings.Where(r => r.Id == row.Id && r.EndedAt == null)
                .ExecuteUpdateAsync(r => r.SetProperty(e => e.EndedAt, row.SeenAt)
                    .SetProperty(e => e.EndReason, StopReasons.ServiceStopped).SetProperty(e => e.Bytes, bytes)
                    .SetProperty(e => e.Milliseconds, time), ct), ct);
        }
    }

    public Task DeleteAsync(IReadOnlyList<Guid> ids, CancellationToken ct) => db.InTransactionAsync(
        () => db.Recordings.Where(r => ids.Contains(r.Id)).ExecuteDeleteAsync(ct), ct);

    /// <summary>Rows first: a file without a row is swept, a row without a file would be a lie.</summary>
    public async Task RemoveOldAsync(DateTimeOffset before, CancellationToken ct)
    {
        while (true)
        {
            var old = await db.Recordings.Where(r => r.EndedAt < before).OrderBy(r => r.EndedAt).Select(r => r.Id)
                .Take(AtOnce).ToListAsync(ct);
            await DeleteAsync(old, ct);
            old.ForEach(id => DeleteFile(id));
            if (old.Count < AtOnce)
                return;
        }
    }

    /// <summary>Files that nobody knows of and nobody writes.</summary>
    public async Task SweepAsync(DateTimeOffset before, CancellationToken ct)
    {
        foreach (var batch in Directory.EnumerateFiles(options.Folder!, "*.mp4")
            .Where(f => File.GetLastWriteTimeUtc(f) < before.UtcDateTime).Chunk(AtOnce))
        {
            var ids = batch.Select(f => Guid.TryParse(Path.GetFileNameWithoutExtension(f), out var id) ? id : default)
                .ToList();
            var known = await db.Recordings.Where(r => ids.Contains(r.Id)).Select(r => r.Id).ToListAsync(ct);
            foreach (var id in ids)
                if (id != default && !known.Contains(id))
                    DeleteFile(id);
        }
    }

    /// <summary>One that can't be deleted stays, and is swept later.</summary>
    public bool DeleteFile(Guid id)
    {
        try
        {
            File.Delete(options.PathOf(id));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            NotDeleted(log, id, e.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The film of recording {Id} could not be deleted: {Reason}")]
    static partial void NotDeleted(ILogger log, Guid id, string reason);
}
