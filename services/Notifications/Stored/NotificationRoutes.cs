using CloudPhone.Notifications.People;
using CloudPhone.Notifications.Texts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.Stored;

public sealed record CountItem(int Count);

static class NotificationRoutes
{
    public static void MapNotifications(this IEndpointRouteBuilder routes)
    {
        var notifications = routes.MapGroup("/api/notifications").WithTags("Notifications");
        notifications.MapGet("/", List).WithName("ListNotifications")
            .WithSummary("Newest first, in your language; unread=true leaves out what was read.");
        notifications.MapGet("/unread-count", CountUnread).WithName("CountUnreadNotifications")
            .WithSummary("How many are unread.");
        notifications.MapPost("/{id:guid}/read", Read).WithName("ReadNotification").WithSummary("Marks one as read.");
        notifications.MapPost("/read-all", ReadAll).WithName("ReadAllNotifications").WithSummary("Marks all as read.");
        notifications.MapDelete("/{id:guid}", Delete).WithName("DeleteNotification").WithSummary("Removes one.");
    }

    static IQueryable<Notification> VisibleTo(this IQueryable<Notification> notifications, CurrentUser user) =>
        user.IsOperator ? notifications.Where(n => n.UserId == user.Id || n.UserId == Notification.Operators)
        : notifications.Where(n => n.UserId == user.Id);

    static async Task<Page<NotificationItem>> List(
        PageRequest page, bool? unread, CurrentUser user, NotificationsDb db, TextCatalogue texts,
        NotificationOptions options, CancellationToken ct)
    {
        var wanted = db.Notifications.VisibleTo(user);
        if (unread == true)
            wanted = wanted.Where(n => n.ReadAt == null);
        var found = await wanted.ToPageAsync(page, ct);
        var language = await Language.OfAsync(db, user.Id, options.DefaultLanguage, ct);
        return found.Select(n => NotificationItem.Of(n, texts, language));
    }

    static async Task<CountItem> CountUnread(CurrentUser user, NotificationsDb db, CancellationToken ct) =>
        new(await db.Notifications.VisibleTo(user).CountAsync(n => n.ReadAt == null, ct));

    static async Task<Results<Ok<NotificationItem>, ProblemHttpResult>> Read(
        Guid id, CurrentUser user, NotificationsDb db, TextCatalogue texts, NotificationOptions options,
        TimeProvider clock, CancellationToken ct)
    {
        await MarkAsync(db, db.Notifications.VisibleTo(user).Where(n => n.Id == id), clock, ct);
        var found = await db.Notifications.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(n => n.Id == id, ct);
        if (found is null)
            return Problems.NotFound("notification");
        var language = await Language.OfAsync(db, user.Id, options.DefaultLanguage, ct);
        return TypedResults.Ok(NotificationItem.Of(found, texts, language));
    }

    static async Task<CountItem> ReadAll(CurrentUser user, NotificationsDb db, TimeProvider clock,
        CancellationToken ct) =>
        new(await MarkAsync(db, db.Notifications.VisibleTo(user), clock, ct));

    static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, CurrentUser user, NotificationsDb db, CancellationToken ct) =>
        await db.InTransactionAsync(() =>
            db.Notifications.VisibleTo(user).Where(n => n.Id == id).ExecuteDeleteAsync(ct), ct) == 0
            ? Problems.NotFound("notification") : TypedResults.NoContent();

    static Task<int> MarkAsync(NotificationsDb db, IQueryable<Notification> which, TimeProvider clock,
        CancellationToken ct)
    {
        DateTimeOffset? now = clock.GetUtcNow();
        return db.InTransactionAsync(
            () => which.Where(n => n.ReadAt == null).ExecuteUpdateAsync(s => s.SetProperty(n => n.ReadAt, now), ct),
            ct);
    }
}
