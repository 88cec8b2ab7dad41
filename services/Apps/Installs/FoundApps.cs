using CloudPhone.Apps.Catalogue;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

sealed record FoundPackage(string Name, long VersionCode);

sealed record FoundRequest(Guid DeviceId, Guid UserId, IReadOnlyList<FoundPackage> Packages);

sealed record FoundApp(Guid AppId, string Name, string PackageName, string Version);

/// <param name="Apps">Those of the packages that are versions of the catalogue.</param>
sealed record FoundAnswer(IReadOnlyList<FoundApp> Apps);

/// <summary>
/// The device service tells what it found on a phone whose data were replaced by a copy. Nothing was installed or
/// removed by that: no event tells of it, and telling it again changes nothing.
/// </summary>
static class FoundApps
{
    const int MaxPackages = 10_000;
    const int Turn = 6_026_001;

    public static void MapFoundApps(this RouteGroupBuilder siblings) => siblings.MapPost("/installs/found", Handle);

    static async Task<Results<Ok<FoundAnswer>, ProblemHttpResult>> Handle(
        FoundRequest request, AppDb db, TimeProvider clock, CancellationToken ct)
    {
        if (request.Packages.Count > MaxPackages || request.Packages.Any(p => p?.Name is null))
            return Problems.BadRequest("bad-request", $"packages are at most {MaxPackages}, each with its name.");
        return TypedResults.Ok(new FoundAnswer(await db.InTransactionAsync(async () =>
        {
            db.ChangeTracker.Clear(); // of a try that the database broke off
            if (await db.DeletedDevices.AnyAsync(d => d.DeviceId == request.DeviceId, ct))
                return [];
            await db.TakeTurnAsync(Turn, request.DeviceId, ct); // two at once would both add what they find missing
            var found = await FindAsync(request.Packages, db, ct);
            await RecordAsync(request, found, db, clock.GetUtcNow(), ct);
            return found.ConvertAll(f =>
                new FoundApp(f.App.Id, f.App.Name, f.App.PackageName, f.Version.VersionName));
        }, ct)));
    }

    sealed record Found(App App, AppVersion Version);

    /// <summary>Of several apps that had one package, the last.</summary>
    static async Task<List<Found>> FindAsync(IReadOnlyList<FoundPackage> packages, AppDb db, CancellationToken ct)
    {
        var codes = packages.GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.Last().VersionCode);
        var (names, numbers) = (codes.Keys.ToList(), codes.Values.ToHashSet());
        var known = await db.Apps.Where(a => names.Contains(a.PackageName))
            .Join(db.Shown().Where(v => numbers.Contains(v.VersionCode)), a => a.Id, v => v.AppId,
                (a, v) => new Found(a, v)).AsNoTracking().ToListAsync(ct);
        return [.. known.Where(f => codes[f.App.PackageName] == f.Version.VersionCode)
            .GroupBy(f => f.App.PackageName).Select(g => g.MaxBy(f => f.App.Id)!)];
    }

    static async Task RecordAsync(
        FoundRequest request, List<Found> found, AppDb db, DateTimeOffset now, CancellationToken ct)
    {
        var recorded = await db.Installs.Where(i => i.DeviceId == request.DeviceId
            && i.Status == InstallStatus.Installed).ToListAsync(ct);
        foreach (var gone in recorded.Where(i => !found.Exists(f => IsOf(i, f))))
            gone.Status = InstallStatus.Uninstalled;
        foreach (var (app, version) in found.Where(f => !recorded.Exists(i => IsOf(i, f))))
            db.Add(new Install
            {
                Id = Guid.CreateVersion7(now), DeviceId = request.DeviceId, UserId = request.UserId, AppId = app.Id,
                AppVersionId = version.Id, AppName = app.Name, PackageName = app.PackageName,
                Version = version.VersionName, VersionCode = version.VersionCode, Status = InstallStatus.Installed,
                CreatedAt = now, FinishedAt = now,
            });
        await db.SaveChangesAsync(ct);
    }

    static bool IsOf(Install install, Found found) =>
        install.PackageName == found.App.PackageName && install.VersionCode == found.Version.VersionCode;
}
