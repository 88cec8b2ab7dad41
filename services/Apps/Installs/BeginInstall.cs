using CloudPhone.Apps.Catalogue;
using CloudPhone.Apps.Storage;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <param name="OnlyNewer">Refused where the phone has the newest version already.</param>
sealed record BeginRequest(Guid InstallId, Guid DeviceId, Guid UserId, Guid AppId, bool OnlyNewer = false);

/// <param name="Outcome"><c>pending</c>, <c>installed</c>, <c>unknown-app</c>, <c>not-available</c>,
/// <c>not-newer</c> or <c>older</c>.</param>
sealed record BeginAnswer(string Outcome, AppToInstall? App = null);

/// <param name="Sha256">Of the file, in hex.</param>
/// <param name="Size">Of the file, in bytes.</param>
/// <param name="PartBytes">Of each of the file's parts but the last.</param>
sealed record AppToInstall(
    Guid AppId, string Name, string PackageName, string Version, long VersionCode, string Sha256, long Size,
    Guid FileId, int PartBytes);

/// <summary>
/// The device service asks what to install. The first answer decides the version; it is given again to who asks
/// again.
/// </summary>
static class BeginInstall
{
    /// <summary>Is told to nobody.</summary>
    const string NotYet = "not-yet";

    public static void MapBeginInstall(this RouteGroupBuilder siblings) => siblings.MapPost("/installs/begin", Handle);

    static async Task<Results<Ok<BeginAnswer>, ProblemHttpResult>> Handle(
        BeginRequest request, AppDb db, Outbox outbox, TimeProvider clock, CancellationToken ct)
    {
        for (var isRepetition = false; ; isRepetition = true)
        {
            try
            {
                var answer = await db.InTransactionAsync(
                    () => BeginAsync(request, db, outbox, clock.GetUtcNow(), ct), ct);
                return answer is { Outcome: NotYet }
                    ? Problems.Unavailable("storage-unavailable", "The app's file is not in the store yet.")
                    : answer is null
                    ? Problems.Conflict("install-id-used", "This installId is that of another install.")
                    : TypedResults.Ok(answer);
            }
            catch (DbUpdateException e) when (!isRepetition && DatabaseErrors.IsDuplicate(e))
            {
                db.ChangeTracker.Clear(); // its twin was faster, and has left what this finds now
            }
        }
    }

    static async Task<BeginAnswer?> BeginAsync(
        BeginRequest r, AppDb db, Outbox outbox, DateTimeOffset now, CancellationToken ct)
    {
        var install = await db.Installs.AsNoTracking().SingleOrDefaultAsync(i => i.Id == r.InstallId, ct);
        if (install is not null && (install.DeviceId != r.DeviceId || install.AppId != r.AppId))
            return null;
        var app = await db.Published().AsNoTracking().SingleOrDefaultAsync(a => a.Id == r.AppId, ct);
        var refused = new BeginAnswer(app is null ? "unknown-app" : "not-available");
        if (install?.Status == InstallStatus.Failed
            || await db.DeletedDevices.AnyAsync(d => d.DeviceId == r.DeviceId, ct))
            return refused;
        var chosen = install?.AppVersionId;
        var version = chosen is not null ? await db.Versions.AsNoTracking().SingleAsync(v => v.Id == chosen, ct)
            : app is { DeletedAt: null }
            ? await db.Newest().AsNoTracking().SingleOrDefaultAsync(v => v.AppId == r.AppId, ct) : null;
        if (install is not null && chosen is not null && version?.FileId is not null)
            return Answer(install, version);
        if (app is { DeletedAt: null } && version is { FileId: null })
            return new(NotYet); // it is being moved there: nothing is decided
        if (app is null || version?.FileId is null)
        {
            await RefuseAsync(r, install, app, app is null ? "There is no such app."
                : "The app is not available any more.", db, outbox, now, ct);
            return refused;
        }
        if (r.OnlyNewer && !await db.IsNewerAsync(version, r.DeviceId, app.PackageName, ct))
        {
            await RefuseAsync(r, install, app, "There is no newer version of the app.", db, outbox, now, ct);
            return new("not-newer");
        }
        if (await db.NewerThanAsync(version, r.DeviceId, app.PackageName, ct) is { } there)
        {
            var reason = $"The phone has a newer version of the app: {there}.";
            await RefuseAsync(r, install, app, reason, db, outbox, now, ct);
            return new("older");
        }
        return Answer(await ChooseAsync(r, install, app, version, db, now, ct), version);
    }

    static async Task<Install> ChooseAsync(
        BeginRequest r, Install? install, App app, AppVersion version, AppDb db, DateTimeOffset now,
        CancellationToken ct)
    {
        if (install is null)
        {
            install = New(r, app.Name, app.PackageName, now);
            db.Add(install);
        }
        else
            db.Attach(install);
        (install.AppVersionId, install.AppName, install.Version, install.VersionCode) =
            (version.Id, app.Name, version.VersionName, version.VersionCode);
        install.NextAttemptAt = null; // who begins it has taken it over
        await db.SaveChangesAsync(ct);
        return install;
    }

    /// <summary>The user was told that the app would come: now it is told why it does not.</summary>
    static async Task RefuseAsync(
        BeginRequest r, Install? install, App? app, string reason, AppDb db, Outbox outbox, DateTimeOffset now,
        CancellationToken ct)
    {
        if (install is null)
        {
            install = New(r, app?.Name ?? r.AppId.ToString(), app?.PackageName ?? "", now);
            (install.Status, install.Error, install.FinishedAt) = (InstallStatus.Failed, reason, now);
            db.Add(install);
            outbox.Add(InstallChanges.Failed(install, reason, now));
        }
        else
            await db.FailAsync(install, reason, outbox, now, ct);
        await db.SaveChangesAsync(ct);
    }

    static Install New(BeginRequest r, string name, string package, DateTimeOffset now) => new()
    {
        Id = r.InstallId, DeviceId = r.DeviceId, UserId = r.UserId, AppId = r.AppId, AppName = name,
        PackageName = package,
        Version = "", Status = InstallStatus.Pending, CreatedAt = now,
    };

    static BeginAnswer Answer(Install i, AppVersion v) => new(
        i.Status == InstallStatus.Installed ? "installed" : "pending",
        new(i.AppId, i.AppName, i.PackageName, v.VersionName, v.VersionCode, v.Sha256, v.Size, v.FileId!.Value,
            StoredFile.PartBytes));
}
