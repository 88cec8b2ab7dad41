using System.Security.Cryptography;
using CloudPhone.Apps.Catalogue;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Storage;

/// <summary>
/// Earlier versions of this service kept whole files in a folder of their own: what is still there comes into the
/// store, and what no app needs goes. Then there is nothing to do here.
/// </summary>
sealed partial class OldFolder(
    IServiceScopeFactory scopes, IConfiguration configuration, TimeProvider clock, ILogger<OldFolder> log)
    : BackgroundService
{
    const int HexOfSha256 = 64;
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(5);

    /// <summary>APP_FILES may have been set then or only now, for the sidecars.</summary>
    readonly string[] _folders = [.. new[]
    {
        configuration["APP_FILES"],
        configuration["CLOUDPHONE_DATA"] is { Length: > 0 } d ? Path.Combine(d, "apps") : null,
    }.OfType<string>().Where(Directory.Exists).Select(Path.GetFullPath).Distinct()];

    /// <summary>They stay for somebody to look at.</summary>
    readonly HashSet<string> _wrong = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var attempts = 1; _folders.Length > 0; attempts++)
            try
            {
                await MoveAllAsync(stoppingToken);
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Waiting(log, e.Message);
                await Task.Delay(BackOff.After(attempts, FirstPause, MaxPause), clock, stoppingToken);
            }
    }

    async Task MoveAllAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        var files = scope.ServiceProvider.GetRequiredService<FileKeeping>();
        var ended = clock.GetUtcNow() - FileSweep.KeptAfterEnd;
        var wanted = await db.Versions.Where(v => v.FileId == null).Join(
            db.Apps.Where(a => a.DeletedAt == null || a.DeletedAt > ended), v => v.AppId, a => a.Id, (v, _) => v)
            .AsNoTracking().ToListAsync(ct);
        // versions of several apps had one file where it was the same
        foreach (var same in wanted.GroupBy(v => v.Sha256))
            if (_folders.Select(f => Path.Combine(f, $"{same.Key}.apk")).FirstOrDefault(IsUsable) is { } path)
            {
                if (!await IsAsync(path, same.First(), ct))
                    continue;
                foreach (var version in same)
                    await MoveAsync(version, path, db, files, ct);
                File.Delete(path);
            }
        RemoveTheRest();
    }

    bool IsUsable(string path) => File.Exists(path) && !_wrong.Contains(path);

    async Task MoveAsync(AppVersion version, string path, AppDb db, FileKeeping files, CancellationToken ct)
    {
        var file = await files.StoreAsync(path, version.Sha256, version.Size, ct);
        if (await files.KeepAsync(file, async () => await db.Versions.Where(v => v.Id == version.Id && v.FileId == null)
            .ExecuteUpdateAsync(s => s.SetProperty(v => v.FileId, file.Id), ct) == 1, ct))
            Moved(log, version.Sha256);
    }

    async Task<bool> IsAsync(string path, AppVersion version, CancellationToken ct)
    {
        try
        {
            await using var content = File.OpenRead(path);
            if (content.Length == version.Size
                && Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct)) == version.Sha256)
                return true;
            Wrong(log, path, "it is not the file that its name says");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Wrong(log, path, e.Message);
        }
        _wrong.Add(path);
        return false;
    }

    /// <summary>Those of deleted apps. A young one may be an upload to a replica of the earlier version.</summary>
    void RemoveTheRest()
    {
        var before = (clock.GetUtcNow() - FileSweep.UploadLimit).UtcDateTime;
        foreach (var path in _folders.SelectMany(Directory.EnumerateFiles).Where(IsOurs))
            if (!_wrong.Contains(path) && File.GetLastWriteTimeUtc(path) < before)
                File.Delete(path);
    }

    /// <summary>The folder may be that of the store now, whose parts are in folders below it.</summary>
    static bool IsOurs(string path) => Path.GetExtension(path) is ".upload"
        || (Path.GetExtension(path) is ".apk" && Path.GetFileNameWithoutExtension(path) is { Length: HexOfSha256 } name
            && name.All(char.IsAsciiHexDigitLower));

    [LoggerMessage(1, LogLevel.Information, "Moved the file with SHA-256 {Sha256} into the store")]
    static partial void Moved(ILogger log, string sha256);

    [LoggerMessage(2, LogLevel.Warning, "Files of an earlier version wait for the store: {Reason}")]
    static partial void Waiting(ILogger log, string reason);

    [LoggerMessage(3, LogLevel.Error, "{Path} stays where it is: {Reason}")]
    static partial void Wrong(ILogger log, string path, string reason);
}
