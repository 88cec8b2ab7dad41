using CloudPhone.Apk;
using CloudPhone.Apps.Catalogue;
using CloudPhone.Apps.Review;
using CloudPhone.Apps.Storage;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Uploads;

static class AddVersion
{
    public static async Task<Results<Created<VersionView>, ProblemHttpResult>> Handle(
        Guid id, HttpRequest request, AppDb db, ResourceIds ids, Spool spool, FileKeeping files, AppOptions options,
        CurrentUser user, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Apps.Live().AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, ct) is not { } app)
            return Problems.NotFound("app");
        var versionId = ids.New();
        if (await db.Versions.AsNoTracking().SingleOrDefaultAsync(v => v.Id == versionId, ct) is { } done)
            return Created(done);
        await using var form = await UploadForm.ReadAsync(request, spool, options.MaxBytes, [], ct);
        ApkManifest? manifest = null;
        try
        {
            var apk = await form.ReadApkAsync(ct);
            manifest = apk.Manifest;
            if (manifest.PackageName != app.PackageName)
                return Problems.BadRequest("wrong-package",
                    $"This is {manifest.PackageName}; the app is {app.PackageName}.");
            if (await db.Versions.AnyAsync(v => v.AppId == id && v.VersionCode == manifest.VersionCode, ct))
                return Exists(id, manifest);
            var file = await files.StoreAsync(form.File!, ct);
            var now = clock.GetUtcNow();
            var version = New(app, versionId, apk, file, options.FirstStatus, user.Id, now);
            return await files.KeepAsync(file, async () =>
            {
                db.AddRange(version, ReviewEntry.Of(version, user.Id, user.Username, now));
                // it may have been deleted during the upload; from here on whoever deletes it waits
                return await db.Apps.Live().Where(a => a.Id == id)
                    .ExecuteUpdateAsync(s => s.SetProperty(a => a.UpdatedAt, now), ct) == 1;
            }, ct) ? Created(version) : Problems.NotFound("app");
        }
        catch (ApkException e)
        {
            return Problems.BadRequest("not-an-apk", e.Message);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            return Exists(id, manifest!);
        }
    }

    /// <param name="uploader">The operator; empty for the platform itself.</param>
    public static AppVersion New(
        App app, Guid id, ApkContents apk, StoredFile file, ReviewStatus status, Guid uploader, DateTimeOffset now) =>
        new()
        {
            Id = id, AppId = app.Id, VersionName = apk.Manifest.VersionName, VersionCode = apk.Manifest.VersionCode,
            Status = status, UploadedBy = uploader, MinSdk = apk.Facts.MinSdk, TargetSdk = apk.Facts.TargetSdk,
            Permissions = string.Join(' ', apk.Facts.Permissions),
            SignatureSchemes = string.Join(' ', apk.Facts.SignatureSchemes),
            Sha256 = file.Sha256, Size = file.Size, FileId = file.Id, CreatedAt = now,
        };

    public static ProblemHttpResult Exists(Guid appId, ApkManifest manifest) => Problems.Of(
        StatusCodes.Status409Conflict, "version-exists",
        $"Version {manifest.VersionCode} of {manifest.PackageName} is in the catalogue.", ("appId", appId));

    static Created<VersionView> Created(AppVersion v) =>
        TypedResults.Created($"/api/apps/{v.AppId}/versions/{v.Id}/file", VersionView.Of(v));
}
