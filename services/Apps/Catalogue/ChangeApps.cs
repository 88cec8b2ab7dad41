using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Catalogue;

/// <param name="Description">Empty removes it. What is left out stays as it is.</param>
sealed record AppChange(string? Name = null, string? Description = null, bool? Preinstall = null);

static class ChangeApps
{
    public static void MapChanges(this RouteGroupBuilder apps)
    {
        apps.MapPatch("/{id:guid}", Change).WithName("ChangeApp").ProducesProblem(400).ProducesProblem(404)
            .ProducesProblem(409)
            .WithSummary("Changes name, description or whether new phones come with the app.");
        apps.MapDelete("/{id:guid}", Delete).WithName("DeleteApp").ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Takes the app out of the catalogue; 409 while new phones come with it.");
    }

    static async Task<Results<Ok<AppDetails>, ProblemHttpResult>> Change(
        Guid id, AppChange change, AppDb db, TimeProvider clock, CancellationToken ct)
    {
        var wrong = change.Name is null ? null : AppTexts.CheckName(change.Name);
        if ((wrong ?? AppTexts.CheckDescription(change.Description)) is { } refusal)
            return refusal;
        if (await db.Apps.Live().SingleOrDefaultAsync(a => a.Id == id, ct) is not { } app)
            return Problems.NotFound("app");
        app.Name = change.Name?.Trim() ?? app.Name;
        app.SearchText = App.SearchTextOf(app.Name, app.PackageName);
        app.IsPreinstall = change.Preinstall ?? app.IsPreinstall;
        if (change.Description is { } description)
            app.Description = description.Length > 0 ? description : null;
        app.UpdatedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(await db.DetailsAsync(app, isOperator: true, ct));
    }

    static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, AppDb db, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Apps.Live().SingleOrDefaultAsync(a => a.Id == id, ct) is not { } app)
            return Problems.NotFound("app");
        if (app.IsPreinstall)
            return Problems.Conflict("app-is-preinstalled",
                "New phones come with this app: set preinstall to false first.");
        app.DeletedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(ct);
        return TypedResults.NoContent();
    }
}
