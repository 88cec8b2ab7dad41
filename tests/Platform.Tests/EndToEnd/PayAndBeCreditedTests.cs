using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Money;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using MimeKit;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>
/// Scenario 2 of the specification, seen as its user sees it, with a provider that says everything three times.
/// </summary>
[Collection(nameof(SharedPlatform))]
public sealed class PayAndBeCreditedTests(PlatformFixture fixture)
{
    const decimal Amount = 199.99m;
    readonly RunningPlatform _platform = fixture.Platform;

    [Fact]
    public async Task A_payment_told_three_times_is_credited_once_extends_the_quota_and_is_told_of()
    {
        await using var user = await _platform.NewUserAsync();
        await user.OpenWebSocketAsync();
        var end = await LimitAsync(user);
        var order = await SandboxPayer.OrderAsync(user, Amount);
        Assert.Equal((Amount, "CNY"), (order.Amount, order.Currency));

        await new SandboxPayer(_platform).TellThreeTimesAsync(order);

        Assert.Equal("paid", (await user.GetAsync($"/api/billing/orders/{order.OrderId}")).GetProperty("status")
            .GetString());
        await Wait.UntilAsync("the credit", async () => (await BalanceAsync(user)) == Amount);
        var entry = Assert.Single((await user.ListAsync("/api/users/me/statement")).As<LedgerRow>());
        Assert.Equal(
            (Amount, Amount, "payment", order.PaymentId),
            (entry.Amount, entry.BalanceAfter, entry.Reason, entry.CauseId));
        await Wait.UntilAsync("the quota's new end", async () => await EndAsync(user) == end.AddDays(30));
        await InvoiceIsMailedAsync(user, order);
        await BilledRules.UntilHoldAsync(_platform); // no number is missing, among others
        foreach (var type in new[] { "billing.payment_success", "user.balance_updated", "billing.invoice_generated" })
        {
            await Wait.UntilAsync($"{type} on the WebSocket", () => Pushed(user, type) > 0);
            Assert.Equal(1, Pushed(user, type));
        }
    }

    /// <summary>Exactly one, whose page is what the mail has attached.</summary>
    async Task InvoiceIsMailedAsync(PlatformUser user, Ordered order)
    {
        await Wait.UntilAsync("the receipt", () => Receipts(user).Any());
        var invoice = Assert.Single(await user.ListAsync("/api/billing/invoices"));
        Assert.Equal((Amount, order.PaymentId), (
            invoice.GetProperty("amount").GetDecimal(), invoice.GetProperty("paymentId").GetGuid()));
        var number = invoice.GetProperty("number").GetString()!;
        Assert.Matches("^INV-[0-9]{6}-[0-9]{6}$", number);
        var page = await user.Http.GetByteArrayAsync($"/api/billing/invoices/{invoice.GetProperty("id").GetGuid()}/pdf");
        Assert.StartsWith("%PDF", Encoding.Latin1.GetString(page), StringComparison.Ordinal);
        var receipt = Assert.Single(Receipts(user));
        Assert.Contains("199.99", receipt.HtmlBody, StringComparison.Ordinal);
        var attached = Assert.IsType<MimePart>(Assert.Single(receipt.Attachments));
        Assert.Equal($"{number}.pdf", attached.FileName);
        using var content = new MemoryStream();
        await attached.Content!.DecodeToAsync(content);
        Assert.StartsWith("%PDF", Encoding.Latin1.GetString(content.ToArray()), StringComparison.Ordinal);
    }

    /// <summary>A quota without an end stays without one: this one gets an end, as a plan's has.</summary>
    async Task<DateTimeOffset> LimitAsync(PlatformUser user)
    {
        await using var admin = await _platform.AdminAsync();
        var end = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(5), TimeSpan.Zero);
        using var answer = await admin.Http.PutAsJsonAsync($"/api/quotas/user/{user.Id}",
            new { maxDevices = 5, totalCpuCores = 16, totalMemoryGB = 32, validUntil = end });
        answer.EnsureSuccessStatusCode();
        return end;
    }

    static async Task<DateTimeOffset?> EndAsync(PlatformUser user) =>
        (await user.GetAsync($"/api/quotas/user/{user.Id}")).GetProperty("validUntil") is
        { ValueKind: JsonValueKind.String } end ? end.GetDateTimeOffset() : null;

    static async Task<decimal> BalanceAsync(PlatformUser user) =>
        (await user.GetAsync("/api/users/me")).GetProperty("balance").GetDecimal();

    static int Pushed(PlatformUser user, string type) =>
        user.Pushed.Count(n => n.GetProperty("type").GetString() == type);

    /// <summary>The mails that bring something.</summary>
    IEnumerable<MimeMessage> Receipts(PlatformUser user) =>
        Directory.Exists(_platform.MailFolder)
            ? Directory.GetFiles(_platform.MailFolder, "*.eml").Select(f => MimeMessage.Load(f))
                .Where(m => m.To.Mailboxes.Any(to => to.Address == user.Email) && m.Attachments.Any()) : [];
}
