using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.People;

/// <param name="Mail">False: no mails but those about the account's security.</param>
/// <param name="Language"><c>zh-CN</c> or <c>en</c>; null or left out: the account's.</param>
public sealed record PreferencesItem(bool Mail, string? Language = null);

static class PreferenceRoutes
{
    public static void MapPreferences(this IEndpointRouteBuilder routes)
    {
        var preferences = routes.MapGroup("/api/notifications/preferences").WithTags("Notifications");
        preferences.MapGet("/", Get).WithName("GetNotificationPreferences")
            .WithSummary("Whether mails are wanted, and the language.");
        preferences.MapPut("/", Put).WithName("PutNotificationPreferences").WithSummary("Changes them.");
    }

    static async Task<PreferencesItem> Get(CurrentUser user, NotificationsDb db, CancellationToken ct) =>
        await db.Preferences.Where(p => p.UserId == user.Id).Select(p => new PreferencesItem(p.Mail, p.Language))
            .SingleOrDefaultAsync(ct) ?? new(true);

    static async Task<Results<Ok<PreferencesItem>, ProblemHttpResult>> Put(
        PreferencesItem request, CurrentUser user, NotificationsDb db, CancellationToken ct)
    {
        if (request.Language is { } language && !Language.IsKnown(language))
            return Problems.BadRequest("unknown-language", $"language is one of {string.Join(", ", Language.All)}.");
        if (await UpdateAsync(request, user, db, ct) == 0)
        {
            db.Add(new Preferences { UserId = user.Id, Mail = request.Mail, Language = request.Language });
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
            {
                await UpdateAsync(request, user, db, ct);
            }
        }
        return TypedResults.Ok(request);
    }

    static Task<int> UpdateAsync(PreferencesItem request, CurrentUser user, NotificationsDb db, CancellationToken ct) =>
        db.InTransactionAsync(() => db.Preferences.Where(p => p.UserId == user.Id).ExecuteUpdateAsync(s => s
            .SetProperty(p => p.Mail, request.Mail).SetProperty(p => p.Language, request.Language), ct), ct);
}
