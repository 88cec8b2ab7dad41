using CloudPhone.Apps.Catalogue;
using CloudPhone.Apps.Uploads;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Sample;

/// <summary>Puts the sample app into the catalogue at the first start. Once deleted it stays away.</summary>
sealed partial class SampleSeed(
    IServiceScopeFactory scopes, AppFiles files, TimeProvider clock, ILogger<SampleSeed> log)
    : IStartupPreparation
{
    public async Task PrepareAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<AppDb>();
        if (await db.Apps.AnyAsync(a => a.PackageName == SampleApk.PackageName, ct))
            return;
        using var apk = new MemoryStream(SampleApk.Create());
        await using var file = await IncomingFile.ReceiveAsync(apk, files, apk.Length, ct);
        var now = clock.GetUtcNow();
        var app = new App
        {
            Id = Guid.CreateVersion7(now), Name = "CloudPhone Sample", PackageName = SampleApk.PackageName,
            IsPreinstall = true,
            Description = "A small app that comes with every new phone.", CreatedAt = now, UpdatedAt = now,
        };
        file.Keep(files);
        db.AddRange(app, AddVersion.New(
            app, Guid.CreateVersion7(now), new(SampleApk.PackageName, SampleApk.VersionName, SampleApk.VersionCode),
            file, now));
        try
        {
            await db.SaveChangesAsync(ct);
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
}
