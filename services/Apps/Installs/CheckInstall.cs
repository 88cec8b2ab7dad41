using CloudPhone.Apps.Catalogue;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <param name="Outcome"><c>available</c>, <c>unknown-app</c>, <c>not-available</c>, <c>not-newer</c> or
/// <c>older</c>.</param>
/// <param name="Newest">The version that is not newer than what the phone has.</param>
/// <param name="OnPhone">The version that it has, where that is newer.</param>
sealed record CheckAnswer(string Outcome, string? Newest = null, string? OnPhone = null);

/// <summary>The device service asks before it promises an install to a user.</summary>
static class CheckInstall
{
    public static void MapCheckInstall(this RouteGroupBuilder siblings) => siblings.MapGet("/installs/check", Handle);

    static async Task<Ok<CheckAnswer>> Handle(
        Guid appId, Guid? deviceId, bool? onlyNewer, AppDb db, CancellationToken ct)
    {
        var app = await db.Published().AsNoTracking().SingleOrDefaultAsync(a => a.Id == appId, ct);
        var newest = app is { DeletedAt: null }
            ? await db.Newest().AsNoTracking().SingleOrDefaultAsync(v => v.AppId == appId, ct) : null;
        if (app is null || newest is null)
            return TypedResults.Ok(new CheckAnswer(app is null ? "unknown-app" : "not-available"));
        if (deviceId is not { } device)
            return TypedResults.Ok(new CheckAnswer("available"));
        if (onlyNewer == true && !await db.IsNewerAsync(newest, device, app.PackageName, ct))
            return TypedResults.Ok(new CheckAnswer("not-newer", newest.VersionName));
        return TypedResults.Ok(await db.NewerThanAsync(newest, device, app.PackageName, ct) is { } there
            ? new CheckAnswer("older", newest.VersionName, there) : new CheckAnswer("available"));
    }
}
