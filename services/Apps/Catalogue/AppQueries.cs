using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Catalogue;

static class AppQueries
{
    const int MaxShown = 100;

    public static IQueryable<App> Live(this DbSet<App> apps) => apps.Where(a => a.DeletedAt == null);

    public static IQueryable<AppVersion> Approved(this AppDb db) =>
        db.Versions.Where(v => v.Status == ReviewStatus.Approved);

    /// <summary>What the caller may know of: operators all, users the approved ones.</summary>
    public static IQueryable<AppVersion> VersionsFor(this AppDb db, bool isOperator) =>
        isOperator ? db.Versions : db.Approved();

    /// <summary>An app is there for users as long as one of its versions is.</summary>
    public static IQueryable<App> AppsFor(this AppDb db, bool isOperator) =>
        isOperator ? db.Apps.Live() : db.Apps.Live().Where(a => db.Approved().Any(v => v.AppId == a.Id));

    /// <summary>Users have seen these; of what never passed a review they hear nothing.</summary>
    public static IQueryable<AppVersion> Shown(this AppDb db) => db.Versions.Where(
        v => v.Status == ReviewStatus.Approved || v.Status == ReviewStatus.Withdrawn);

    public static IQueryable<App> Published(this AppDb db) =>
        db.Apps.Where(a => db.Shown().Any(v => v.AppId == a.Id));

    /// <summary>The newest approved version of each app.</summary>
    public static IQueryable<AppVersion> Newest(this AppDb db) => db.Approved().Newest();

    public static IQueryable<AppVersion> Newest(this IQueryable<AppVersion> versions) =>
        versions.Where(v => !versions.Any(o => o.AppId == v.AppId && o.VersionCode > v.VersionCode));

    public static async Task<AppDetails> DetailsAsync(this AppDb db, App app, bool isOperator, CancellationToken ct) =>
        AppDetails.Of(app, await db.VersionsFor(isOperator).Where(v => v.AppId == app.Id)
            .OrderByDescending(v => v.VersionCode).Take(MaxShown).AsNoTracking().ToListAsync(ct));
}
