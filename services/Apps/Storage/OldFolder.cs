using CloudPhone.Apps.Catalogue;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Storage;

/// <summary>
/// Earlier versions of this service kept whole files in a folder of their own: what is still there comes into the
/// store. One after the other, each once; then there is nothing to do here.
/// </summary>
sealed partial class OldFolder(
    IServiceScopeFactory scopes, IConfiguration configuration, TimeProvider clock, ILogger<OldFolder> log)
    : BackgroundService
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    readonly string? _folder = configuration["APP_FILES"] is { Length: > 0 } own ? own
        : configuration["CLOUDPHONE_DATA"] is { Length: > 0 } data ? Path.Combine(data, "apps") : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_folder is not null)
            try
            {
                while (await MoveOneAsync(_folder, stoppingToken))
                {
                }
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Waiting(log, e.Message);
                await Task.Delay(Pause, clock, stoppingToken);
            }
    }

    async Task<bool> MoveOneAsync(string folder, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        var files = scope.ServiceProvider.GetRequiredService<FileKeeping>();
        var left = await db.Versions.Where(v => v.FileId == null)
            .Join(db.Apps.Live(), v => v.AppId, a => a.Id, (v, _) => v).AsNoTracking().ToListAsync(ct);
        if (left.Find(v => File.Exists(PathOf(v))) is not { } version)
            return false;
        var file = await files.StoreAsync(PathOf(version), version.Sha256, version.Size, ct);
        await db.InTransactionAsync(async () =>
        {
            await files.KeepAsync(file, ct);
            await db.Versions.Where(v => v.Id == version.Id)
                .ExecuteUpdateAsync(s => s.SetProperty(v => v.FileId, file.Id), ct);
        }, ct);
        File.Delete(PathOf(version));
        Moved(log, version.Sha256);
        return true;

        string PathOf(AppVersion v) => Path.Combine(folder, $"{v.Sha256}.apk");
    }

    [LoggerMessage(1, LogLevel.Information, "Moved the file with SHA-256 {Sha256} into the store")]
    static partial void Moved(ILogger log, string sha256);

    [LoggerMessage(2, LogLevel.Warning, "Files of an earlier version wait for the store: {Reason}")]
    static partial void Waiting(ILogger log, string reason);
}
