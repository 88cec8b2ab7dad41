using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Catalogue;

static class AppQueries
{
    const int MaxShown = 100;

    public static IQueryable<App> Live(this DbSet<App> apps) => apps.Where(a => a.DeletedAt == null);

    /// <summary>The newest version of each app.</summary>
    public static IQueryable<AppVersion> Newest(this AppDb db) =>
        db.Versions.Where(v => !db.Versions.Any(o => o.AppId == v.AppId && o.VersionCode > v.VersionCode));

    public static async Task<AppDetails> DetailsAsync(this AppDb db, App app, CancellationToken ct) =>
        AppDetails.Of(app, await db.Versions.Where(v => v.AppId == app.Id).OrderByDescending(v => v.VersionCode)
            .Take(MaxShown).AsNoTracking().ToListAsync(ct));
}
