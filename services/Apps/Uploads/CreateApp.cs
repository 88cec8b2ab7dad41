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

static class CreateApp
{
    static readonly string[] Fields = ["name", "description", "preinstall"];

    public static async Task<Results<Created<AppDetails>, ProblemHttpResult>> Handle(
        HttpRequest request, AppDb db, ResourceIds ids, Spool spool, FileKeeping files, AppOptions options,
        CurrentUser user, TimeProvider clock, CancellationToken ct)
    {
        var id = ids.New();
        if (await db.Apps.AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, ct) is { } done)
            return Created(await db.DetailsAsync(done, isOperator: true, ct));
        await using var form = await UploadForm.ReadAsync(request, spool, options.MaxBytes, Fields, ct);
        if ((AppTexts.CheckName(form["name"]) ?? AppTexts.CheckDescription(form["description"])) is { } bad)
            return bad;
        if (!bool.TryParse(form["preinstall"] ?? "false", out var preinstall))
            return Problems.BadRequest("bad-request", "preinstall is true or false.");
        try
        {
            var apk = await form.ReadApkAsync(ct);
            var manifest = apk.Manifest;
            if (await RefusalAsync(db, manifest, ct) is { } refusal)
                return refusal;
            var file = await files.StoreAsync(form.File!, ct);
            var (now, name) = (clock.GetUtcNow(), form["name"]!.Trim());
            var app = new App
            {
                Id = id, Name = name, PackageName = manifest.PackageName, IsPreinstall = preinstall,
                SearchText = App.SearchTextOf(name, manifest.PackageName),
                Description = form["description"] is { Length: > 0 } d ? d : null, CreatedAt = now, UpdatedAt = now,
            };
            var version = AddVersion.New(
                app, Guid.CreateVersion7(now), apk, file, options.FirstStatus, user.Id, now);
            await files.KeepAsync(file, () =>
            {
                db.AddRange(app, version, ReviewEntry.Of(version, user.Id, user.Username, now));
                return Task.FromResult(true);
            }, ct);
            return Created(AppDetails.Of(app, [version]));
        }
        catch (ApkException e)
        {
            return Problems.BadRequest("not-an-apk", e.Message);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            return Problems.Conflict("package-exists", "This package was uploaded by somebody else at the same time.");
        }
    }

    static async Task<ProblemHttpResult?> RefusalAsync(AppDb db, ApkManifest manifest, CancellationToken ct)
    {
        var app = await db.Apps.Live().AsNoTracking()
            .SingleOrDefaultAsync(a => a.PackageName == manifest.PackageName, ct);
        if (app is null)
            return null;
        return await db.Versions.AnyAsync(v => v.AppId == app.Id && v.VersionCode == manifest.VersionCode, ct)
            ? AddVersion.Exists(app.Id, manifest)
            : Problems.Of(StatusCodes.Status409Conflict, "package-exists",
                $"{manifest.PackageName} is in the catalogue: upload this as a version of it.", ("appId", app.Id));
    }

    static Created<AppDetails> Created(AppDetails app) => TypedResults.Created($"/api/apps/{app.Id}", app);
}
