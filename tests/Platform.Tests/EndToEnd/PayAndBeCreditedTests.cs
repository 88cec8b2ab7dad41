using System.Text;
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
        var end = await user.LimitQuotaAsync();
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
        await Wait.UntilAsync("the quota's new end", async () => await user.QuotaEndAsync() == end.AddDays(30));
        await InvoiceIsMailedAsync(user, order);
        await BilledRules.UntilHoldAsync(_platform); // no number is missing, among others
        foreach (var type in new[] { "billing.payment_success", "user.balance_updated", "billing.invoice_generated" })
        {
            await Wait.UntilAsync($"{type} on the WebSocket", () => Pushed(user, type) > 0);
            Assert.Equal(1, Pushed(user, type));
        }
    }

    /// <summary>Exactly one, whose page is what the mail has attached.</summary>
    static async Task InvoiceIsMailedAsync(PlatformUser user, Ordered order)
    {
        await Wait.UntilAsync("the receipt", () => user.Receipts().Any());
        var invoice = Assert.Single(await user.ListAsync("/api/billing/invoices"));
        Assert.Equal((Amount, order.PaymentId), (
            invoice.GetProperty("amount").GetDecimal(), invoice.GetProperty("paymentId").GetGuid()));
        var number = invoice.GetProperty("number").GetString()!;
        Assert.Matches("^INV-[0-9]{6}-[0-9]{6}$", number);
        var page = await user.Http.GetByteArrayAsync(
            $"/api/billing/invoices/{invoice.GetProperty("id").GetGuid()}/pdf");
        Assert.StartsWith("%PDF", Encoding.Latin1.GetString(page), StringComparison.Ordinal);
        var receipt = Assert.Single(user.Receipts());
        Assert.Contains("199.99", receipt.HtmlBody, StringComparison.Ordinal);
        var attached = Assert.IsType<MimePart>(Assert.Single(receipt.Attachments));
        Assert.Equal($"{number}.pdf", attached.FileName);
        using var content = new MemoryStream();
        await attached.Content!.DecodeToAsync(content);
        Assert.StartsWith("%PDF", Encoding.Latin1.GetString(content.ToArray()), StringComparison.Ordinal);
    }

    static async Task<decimal> BalanceAsync(PlatformUser user) =>
        (await user.GetAsync("/api/users/me")).GetProperty("balance").GetDecimal();

    static int Pushed(PlatformUser user, string type) =>
        user.Pushed.Count(n => n.GetProperty("type").GetString() == type);
}
