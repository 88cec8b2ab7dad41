using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Catalogue;

static class BrowseApps
{
    const int MaxSearch = 100;

    public static void MapBrowse(this RouteGroupBuilder apps)
    {
        apps.MapGet("/", List).WithName("ListApps").ProducesProblem(400)
            .WithSummary("The catalogue, newest first; q searches names and packages.");
        apps.MapGet("/{id:guid}", Get).WithName("GetApp").WithSummary("An app with its versions.").ProducesProblem(404);
        apps.MapGet("/{id:guid}/versions", Versions).WithName("ListAppVersions").ProducesProblem(404)
            .WithSummary("All versions of an app, last uploaded first.");
    }

    static async Task<Results<Ok<Page<AppView>>, ProblemHttpResult>> List(
        string? q, PageRequest page, AppDb db, CancellationToken ct)
    {
        if (q?.Length > MaxSearch || q?.Any(char.IsControl) == true)
            return Problems.BadRequest(
                "bad-request", $"q has at most {MaxSearch} characters, none of them a control character.");
        var query = db.Apps.Live();
        if (q?.Trim().ToLowerInvariant() is { Length: > 0 } word)
#pragma warning disable CA1304, CA1311, CA1862 // translated to the database's lower()
            query = query.Where(a => a.Name.ToLower().Contains(word) || a.PackageName.ToLower().Contains(word));
#pragma warning restore CA1304, CA1311, CA1862
        var found = await query.ToPageAsync(page, ct);
        var ids = found.Items.Select(a => a.Id).ToList();
        var newest = await db.Newest().Where(v => ids.Contains(v.AppId)).AsNoTracking()
            .ToDictionaryAsync(v => v.AppId, ct);
        return TypedResults.Ok(found.Select(a => AppView.Of(a, newest[a.Id])));
    }

    static async Task<Results<Ok<AppDetails>, ProblemHttpResult>> Get(Guid id, AppDb db, CancellationToken ct) =>
        await db.Apps.Live().AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, ct) is { } app
            ? TypedResults.Ok(await db.DetailsAsync(app, ct))
            : Problems.NotFound("app");

    static async Task<Results<Ok<Page<VersionView>>, ProblemHttpResult>> Versions(
        Guid id, PageRequest page, AppDb db, CancellationToken ct) =>
        await db.Apps.Live().AnyAsync(a => a.Id == id, ct)
            ? TypedResults.Ok(
                (await db.Versions.Where(v => v.AppId == id).ToPageAsync(page, ct)).Select(VersionView.Of))
            : Problems.NotFound("app");
}
