using CloudPhone.Apps.Uploads;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace CloudPhone.Apps.Catalogue;

static class DownloadFile
{
    const string ContentType = "application/vnd.android.package-archive";

    public static void MapFile(this RouteGroupBuilder apps) =>
        apps.MapGet("/{id:guid}/versions/{versionId:guid}/file", ForUsers).WithName("DownloadApp")
            .WithSummary("The APK of a version.").Produces(200, contentType: ContentType).ProducesProblem(404);

    public static void MapFileForServices(this RouteGroupBuilder siblings) => siblings.MapGet("/files", ForServices);

    static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> ForUsers(
        Guid id, Guid versionId, AppDb db, AppFiles files, CancellationToken ct)
    {
        var found = await db.Apps.Live().Where(a => a.Id == id)
            .Join(db.Versions.Where(v => v.Id == versionId), a => a.Id, v => v.AppId,
                (a, v) => new { a.PackageName, Version = v })
            .AsNoTracking().SingleOrDefaultAsync(ct);
        return found is null || !files.Has(found.Version.Sha256) ? Problems.NotFound("file")
            : Answer(found.Version, files, $"{found.PackageName}-{found.Version.VersionCode}.apk");
    }

    /// <summary>An app that was deleted meanwhile can still be fetched by an install that has begun.</summary>
    static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> ForServices(
        Guid fileId, AppDb db, AppFiles files, CancellationToken ct)
    {
        var version = await db.Versions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == fileId, ct);
        return version is null || !files.Has(version.Sha256) ? Problems.NotFound("file") : Answer(version, files, null);
    }

    static PhysicalFileHttpResult Answer(AppVersion version, AppFiles files, string? name) => TypedResults.PhysicalFile(
        files.PathOf(version.Sha256), ContentType, name, version.CreatedAt,
        new EntityTagHeaderValue($"\"{version.Sha256}\""), enableRangeProcessing: true);
}
