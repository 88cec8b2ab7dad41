using CloudPhone.Shared.Auth;
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
        string? q, PageRequest page, CurrentUser user, AppDb db, CancellationToken ct)
    {
        if (q?.Length > MaxSearch || q?.Any(char.IsControl) == true)
            return Problems.BadRequest(
                "bad-request", $"q has at most {MaxSearch} characters, none of them a control character.");
        var query = db.AppsFor(user.IsOperator);
        if (q?.Trim().ToLowerInvariant() is { Length: > 0 } word)
            query = query.Where(a => a.SearchText.Contains(word));
        var found = await query.ToPageAsync(page, ct);
        var ids = found.Items.Select(a => a.Id).ToList();
        var newest = await db.Newest().Where(v => ids.Contains(v.AppId)).AsNoTracking()
            .ToDictionaryAsync(v => v.AppId, ct);
        // what no user sees yet, or any more, operators do; for a user it was withdrawn between the two queries
        var hidden = ids.Where(id => !newest.ContainsKey(id)).ToList();
        if (hidden.Count > 0 && user.IsOperator)
            foreach (var v in await db.Versions.Newest().Where(v => hidden.Contains(v.AppId)).AsNoTracking()
                .ToListAsync(ct))
                newest[v.AppId] = v;
        var shown = found with { Items = [.. found.Items.Where(a => newest.ContainsKey(a.Id))] };
        return TypedResults.Ok(shown.Select(a => AppView.Of(a, newest[a.Id])));
    }

    static async Task<Results<Ok<AppDetails>, ProblemHttpResult>> Get(
        Guid id, CurrentUser user, AppDb db, CancellationToken ct) =>
        await db.AppsFor(user.IsOperator).AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, ct) is { } app
            ? TypedResults.Ok(await db.DetailsAsync(app, user.IsOperator, ct))
            : Problems.NotFound("app");

    static async Task<Results<Ok<Page<VersionView>>, ProblemHttpResult>> Versions(
        Guid id, PageRequest page, CurrentUser user, AppDb db, CancellationToken ct) =>
        await db.AppsFor(user.IsOperator).AnyAsync(a => a.Id == id, ct)
            ? TypedResults.Ok(
                (await db.VersionsFor(user.IsOperator).Where(v => v.AppId == id).ToPageAsync(page, ct))
                    .Select(VersionView.Of))
            : Problems.NotFound("app");
}
