using CloudPhone.Apps.Catalogue;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <param name="Outcome"><c>available</c>, <c>unknown-app</c> or <c>not-available</c>.</param>
sealed record CheckAnswer(string Outcome);

/// <summary>The device service asks before it promises an install to a user.</summary>
static class CheckInstall
{
    public static void MapCheckInstall(this RouteGroupBuilder siblings) => siblings.MapGet("/installs/check", Handle);

    static async Task<Ok<CheckAnswer>> Handle(Guid appId, AppDb db, CancellationToken ct)
    {
        var app = await db.Apps.AsNoTracking().SingleOrDefaultAsync(a => a.Id == appId, ct);
        return TypedResults.Ok(new CheckAnswer(app switch
        {
            null => "unknown-app",
            { DeletedAt: null } when await db.Approved().AnyAsync(v => v.AppId == appId, ct) => "available",
            _ => "not-available",
        }));
    }
}
