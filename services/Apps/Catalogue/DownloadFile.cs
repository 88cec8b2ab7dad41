using System.Buffers;
using CloudPhone.Apps.Storage;
using CloudPhone.Shared.Auth;
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
            .WithSummary("The APK of a version.").AddEndpointFilter<StoreFilter>()
            .Produces(200, contentType: ContentType).ProducesProblem(404).ProducesProblem(503);

    public static void MapFileForServices(this RouteGroupBuilder siblings) =>
        siblings.MapGet("/files", ForServices).AddEndpointFilter<StoreFilter>();

    static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> ForUsers(
        Guid id, Guid versionId, CurrentUser user, AppDb db, AppStore store, CancellationToken ct)
    {
        var found = await db.Apps.Live().Where(a => a.Id == id)
            .Join(db.VersionsFor(user.IsOperator).Where(v => v.Id == versionId), a => a.Id, v => v.AppId,
                (a, v) => new { a.PackageName, v.VersionCode, v.FileId })
            .Join(db.Kept(), v => v.FileId, f => f.Id, (v, f) => new { v.PackageName, v.VersionCode, File = f })
            .AsNoTracking().SingleOrDefaultAsync(ct);
        return found is null ? Problems.NotFound("file") : TypedResults.Stream(
            await StoredStream.OpenAsync(store, found.File, ct), ContentType,
            $"{found.PackageName}-{found.VersionCode}.apk", found.File.CreatedAt,
            new EntityTagHeaderValue($"\"{found.File.Sha256}\""), enableRangeProcessing: true);
    }

    /// <summary>
    /// Part by part, so that each is a short call, which the sidecar may repeat, however slow the phone is. An app that
    /// was deleted meanwhile can still be fetched by an install that has begun.
    /// </summary>
    static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ForServices(
        Guid fileId, int part, HttpResponse response, AppDb db, AppStore store, CancellationToken ct)
    {
        if (await db.Kept().AsNoTracking().SingleOrDefaultAsync(f => f.Id == fileId, ct) is not { } file
            || part < 0 || part >= file.Parts)
            return Problems.NotFound("file");
        var size = file.PartSize(part);
        var buffer = ArrayPool<byte>.Shared.Rent(size); // hundreds of them make a package
        await store.GetAsync(file.PartName(part), buffer.AsMemory(0, size), ct);
        response.ContentLength = size;
        return TypedResults.Stream(async body =>
        {
            await body.WriteAsync(buffer.AsMemory(0, size), ct);
            ArrayPool<byte>.Shared.Return(buffer);
        }, ContentType);
    }

    static IQueryable<StoredFile> Kept(this AppDb db) => db.Files.Where(f => f.Status == FileStatus.Kept);
}
