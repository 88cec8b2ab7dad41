using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Money;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

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
        await Wait.UntilAsync("both notifications on the WebSocket", () => Types(user)
            .IsSupersetOf(["billing.payment_success", "user.balance_updated"]));
        await Wait.UntilAsync("the mail", () => Mails(user).Any(m => m.Contains("199.99", StringComparison.Ordinal)));

        await Wait.UntilAsync("the invoice", async () => (await user.ListAsync("/api/billing/invoices")).Count > 0);
        var invoice = Assert.Single(await user.ListAsync("/api/billing/invoices"));
        Assert.Equal((Amount, order.PaymentId), (
            invoice.GetProperty("amount").GetDecimal(), invoice.GetProperty("paymentId").GetGuid()));
        Assert.Matches("^INV-[0-9]{6}-[0-9]{6}$", invoice.GetProperty("number").GetString()!);
        await Wait.UntilAsync("the invoice on the WebSocket", () => Types(user).Contains("billing.invoice_generated"));

        await BilledRules.UntilHoldAsync(_platform); // no number is missing, among others
        Assert.Single(Types(user, "billing.payment_success"));
        Assert.Single(Types(user, "user.balance_updated"));
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

    static HashSet<string> Types(PlatformUser user) =>
        [.. user.Pushed.Select(n => n.GetProperty("type").GetString()!)];

    static IEnumerable<JsonElement> Types(PlatformUser user, string type) =>
        user.Pushed.Where(n => n.GetProperty("type").GetString() == type);

    IEnumerable<string> Mails(PlatformUser user) =>
        Directory.Exists(_platform.MailFolder)
            ? Directory.GetFiles(_platform.MailFolder, "*.eml").Select(File.ReadAllText)
                .Where(m => m.Contains(user.Email, StringComparison.Ordinal)) : [];
}
