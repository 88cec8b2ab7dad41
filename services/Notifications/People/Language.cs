using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.People;

/// <summary>The languages that there are texts in.</summary>
static class Language
{
    public const string Chinese = "zh-CN";
    public const string English = "en";
    public static readonly string[] All = [Chinese, English];

    public static bool IsKnown(string language) => All.Contains(language);

    /// <summary>The one of ours for a language tag: English for all that is not Chinese.</summary>
    public static string Of(string tag) => tag.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? Chinese : English;

    /// <summary>What the user chose here, else what the account says, else the default.</summary>
    public static async Task<string> OfAsync(NotificationsDb db, Guid userId, string fallback, CancellationToken ct) =>
        (await OfAsync(db, [userId], ct)).GetValueOrDefault(userId, fallback);

    /// <summary>Of those whose language is known.</summary>
    public static async Task<Dictionary<Guid, string>> OfAsync(
        NotificationsDb db, IReadOnlyCollection<Guid> userIds, CancellationToken ct)
    {
        var languages = await db.Contacts.Where(c => userIds.Contains(c.UserId))
            .ToDictionaryAsync(c => c.UserId, c => c.Language, ct);
        var chosen = await db.Preferences.Where(p => userIds.Contains(p.UserId) && p.Language != null)
            .Select(p => new { p.UserId, Language = p.Language! }).ToListAsync(ct);
        foreach (var choice in chosen)
            languages[choice.UserId] = choice.Language;
        return languages;
    }
}
