using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Platform.Tests.Running;
using MimeKit;

namespace CloudPhone.Platform.Tests.Money;

/// <summary>What a user sees of money that has come.</summary>
static class Credited
{
    /// <summary>A quota without an end stays without one: this one gets an end, for payments to move.</summary>
    public static async Task<DateTimeOffset> LimitQuotaAsync(this PlatformUser user)
    {
        await using var admin = await user.Platform.AdminAsync();
        var end = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(5), TimeSpan.Zero);
        using var answer = await admin.Http.PutAsJsonAsync($"/api/quotas/user/{user.Id}",
            new { maxDevices = 5, totalCpuCores = 16, totalMemoryGB = 32, validUntil = end });
        answer.EnsureSuccessStatusCode();
        return end;
    }

    public static async Task<DateTimeOffset?> QuotaEndAsync(this PlatformUser user) =>
        (await user.GetAsync($"/api/quotas/user/{user.Id}")).GetProperty("validUntil") is
        { ValueKind: JsonValueKind.String } end ? end.GetDateTimeOffset() : null;

    /// <summary>The mails that bring something.</summary>
    public static IEnumerable<MimeMessage> Receipts(this PlatformUser user) =>
        Directory.Exists(user.Platform.MailFolder)
            ? Directory.GetFiles(user.Platform.MailFolder, "*.eml").Select(f => MimeMessage.Load(f))
                .Where(m => m.To.Mailboxes.Any(to => to.Address == user.Email) && m.Attachments.Any()) : [];
}
