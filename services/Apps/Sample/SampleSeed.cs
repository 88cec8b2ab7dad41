using CloudPhone.Apk;
using CloudPhone.Apps.Catalogue;
using CloudPhone.Apps.Review;
using CloudPhone.Apps.Storage;
using CloudPhone.Apps.Uploads;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Sample;

/// <summary>Puts the sample app into the catalogue at the first start. Once deleted it stays away.</summary>
sealed partial class SampleSeed(
    IServiceScopeFactory scopes, Spool spool, TimeProvider clock, ILogger<SampleSeed> log)
    : IStartupPreparation
{
    /// <summary>The sidecar starts at the same time, and its file goes through that. So long is waited: then the
    /// service does without the sample until its next start.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task PrepareAsync(CancellationToken ct)
    {
        using var end = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, end.Token);
        try
        {
            while (!await TryAsync(either.Token))
                await Task.Delay(Pause, clock, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            NotSeeded(log);
        }
    }

    async Task<bool> TryAsync(CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await SeedAsync(scope.ServiceProvider, ct);
            return true;
        }
        catch (StoreException e)
        {
            Waiting(log, e.Message);
            return false;
        }
    }

    async Task SeedAsync(IServiceProvider services, CancellationToken ct)
    {
        var db = services.GetRequiredService<AppDb>();
        if (await db.Apps.AnyAsync(a => a.PackageName == SampleApk.PackageName, ct))
            return;
        using var apk = new MemoryStream(SampleApk.Create());
        await using var incoming = await IncomingFile.ReceiveAsync(apk, spool, apk.Length, ct);
        var files = services.GetRequiredService<FileKeeping>();
        var file = await files.StoreAsync(incoming, ct);
        var now = clock.GetUtcNow();
        var app = new App
        {
            Id = Guid.CreateVersion7(now), Name = "CloudPhone Sample", PackageName = SampleApk.PackageName,
            SearchText = App.SearchTextOf("CloudPhone Sample", SampleApk.PackageName), IsPreinstall = true,
            Description = "A small app that comes with every new phone.", CreatedAt = now, UpdatedAt = now,
        };
        var version = AddVersion.New(app, Guid.CreateVersion7(now), ApkFile.Inspect(incoming.TemporaryPath), file,
            ReviewStatus.Approved, Guid.Empty, now);
        try
        {
            await files.KeepAsync(file, () =>
            {
                db.AddRange(app, version, ReviewEntry.Of(version, Guid.Empty, "cloudphone", now));
                return Task.FromResult(true);
            }, ct);
            Seeded(log, SampleApk.PackageName);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            AlreadySeeded(log);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Package} is in the catalogue and comes with every new phone")]
    static partial void Seeded(ILogger log, string package);

    [LoggerMessage(2, LogLevel.Debug, "Another replica has put the sample app into the catalogue")]
    static partial void AlreadySeeded(ILogger log);

    [LoggerMessage(3, LogLevel.Debug, "The sample app waits for the sidecar: {Reason}")]
    static partial void Waiting(ILogger log, string reason);

    [LoggerMessage(4, LogLevel.Warning, "The store can't be reached: the sample app comes at the next start")]
    static partial void NotSeeded(ILogger log);
}
