using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Money;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;
using MimeKit;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>
/// Billing and the user service die at each step that money takes, one after the other, and each callback comes three
/// times. In the end every payment is one credit and every refund one debit, whatever died.
/// </summary>
[Collection(nameof(KilledPlatform))]
[Trait("kind", "faults")]
public sealed class PaymentKillTests(KilledPlatform killed, ITestOutputHelper output)
{
    const decimal Amount = 100.01m;
    readonly RunningPlatform _platform = killed.Platform;

    /// <summary>What can be seen of a payment's way; null: nothing but its order.</summary>
    static readonly (string Name, MoneyStep? Step)[] Steps =
    [
        ("the order is placed", null),
        ("the payment is committed", new(AppIds.Billing, BillingPaymentSuccess.EventName)),
        ("the payment is told", new(AppIds.Billing, BillingPaymentSuccess.EventName, IsSent: true)),
        ("the credit is committed", new(AppIds.Users, UserBalanceUpdated.EventName)),
        ("the credit is told", new(AppIds.Users, UserBalanceUpdated.EventName, IsSent: true)),
        ("the invoice is committed", new(AppIds.Billing, BillingInvoiceGenerated.EventName)),
        ("the invoice is told", new(AppIds.Billing, BillingInvoiceGenerated.EventName, IsSent: true)),
    ];

    [Theory]
    [InlineData(AppIds.Billing)]
    [InlineData(AppIds.Users)]
    public async Task A_service_is_killed_at_each_step_of_a_payment_and_each_is_credited_once(string service)
    {
        await using var user = await _platform.NewUserAsync();
        var end = await user.LimitQuotaAsync();
        var payer = new SandboxPayer(_platform);
        List<Ordered> topUps = [], plans = [];
        foreach (var (name, step) in Steps)
        {
            var isPlan = plans.Count < topUps.Count;
            var order = isPlan ? await SandboxPayer.OrderPlanAsync(user, "pro")
                : await SandboxPayer.OrderAsync(user, Amount);
            (isPlan ? plans : topUps).Add(order);
            var killing = KillAsync(service, step, order.PaymentId);
            await payer.TellThreeTimesAsync(order);
            await killing;
            output.WriteLine($"{service} was killed when {name}");
            await _platform.UntilHealthyAsync(service);
        }
        await using var admin = await _platform.AdminAsync();
        await PlatformAtRest.UntilAsync(_platform, admin, [user]);
        await CreditedOnceAsync(user, topUps, plans);
        // what was read before is kept for a minute where the process died before it could be dropped
        await Wait.UntilAsync("the quota's end", async () =>
            end.AddDays(30 * topUps.Count) == await user.QuotaEndAsync(), 70, every: 1);
    }

    static async Task CreditedOnceAsync(PlatformUser user, List<Ordered> topUps, List<Ordered> plans)
    {
        var all = topUps.Concat(plans).Select(o => (o.PaymentId, o.Amount)).Order().ToList();
        var entries = (await user.ListAsync("/api/users/me/statement")).As<LedgerRow>();
        Assert.Equal(all, entries.Where(e => e.Reason == "payment").Select(e => (e.CauseId, e.Amount)).Order());
        Assert.Equal(plans.Select(o => (o.PaymentId, -o.Amount)).Order(),
            entries.Where(e => e.Reason != "payment").Select(e => (e.CauseId, e.Amount)).Order());
        Assert.All(await user.ListAsync("/api/billing/orders"),
            o => Assert.Equal("paid", o.GetProperty("status").GetString()));
        var months = (await user.ListAsync("/api/billing/subscriptions"))
            .Select(m => (From: m.GetProperty("from").GetDateTimeOffset(), Until: m.GetProperty("until")
                .GetDateTimeOffset())).Order().ToList();
        Assert.Equal(plans.Count, months.Count);
        Assert.All(months.Zip(months.Skip(1)), pair => Assert.Equal(pair.First.Until, pair.Second.From));
        var invoices = await user.ListAsync("/api/billing/invoices");
        Assert.Equal(all.Select(a => a.PaymentId), invoices.Select(i => i.GetProperty("paymentId").GetGuid()).Order());
        await Wait.UntilAsync("the receipts", () => user.Receipts().Count() >= invoices.Count, 60);
        Assert.Equal(invoices.Select(i => $"{i.GetProperty("number").GetString()}.pdf").Order(),
            user.Receipts().Select(m => ((MimePart)m.Attachments.Single()).FileName).Order());
    }

    [Fact]
    public async Task Both_are_killed_while_a_refund_holds_the_money_and_it_goes_back_once()
    {
        await using var user = await _platform.NewUserAsync();
        await using var admin = await _platform.AdminAsync();
        var order = await SandboxPayer.OrderAsync(user, Amount);
        await new SandboxPayer(_platform).TellThreeTimesAsync(order);
        await Wait.UntilAsync("the credit", async () => await BalanceAsync(user) == Amount);
        var left = Amount;
        foreach (var (service, amount) in new[] { (AppIds.Billing, 40m), (AppIds.Users, Amount - 40) })
        {
            var refund = await RefundAsync(admin, order, amount);
            await KillAsync(service, new(AppIds.Users, UserBalanceUpdated.EventName), refund);
            await _platform.UntilHealthyAsync(service);
            left -= amount;
            await Wait.UntilAsync("the refund", async () => await BalanceAsync(user) == left, 60);
        }
        await PlatformAtRest.UntilAsync(_platform, admin, [user]);
        var entries = (await user.ListAsync("/api/users/me/statement")).As<LedgerRow>();
        Assert.Equal([("payment", Amount), ("refund", -40m), ("refund", 40 - Amount)],
            entries.OrderBy(e => e.Version).Select(e => (e.Reason, e.Amount)));
        var refunded = await user.GetAsync($"/api/billing/orders/{order.OrderId}");
        Assert.Equal("refunded", refunded.GetProperty("status").GetString());
        Assert.All(refunded.GetProperty("refunds").EnumerateArray(),
            r => Assert.Equal("completed", r.GetProperty("status").GetString()));
        using var more = await admin.Http.PostAsJsonAsync(
            $"/api/billing/orders/{order.OrderId}/refund", new { amount = 0.01, reason = "once more" });
        Assert.Equal(HttpStatusCode.Conflict, more.StatusCode);
    }

    /// <summary>At once when the step is reached: who it is was looked up before.</summary>
    async Task KillAsync(string service, MoneyStep? step, Guid id)
    {
        var pid = _platform.PidOf(service) ?? throw new InvalidOperationException($"{service} does not run.");
        await Wait.UntilAsync("the step", () => step is null || step.IsReached(_platform, id), 60, every: 0.002);
        Processes.Send(pid, Processes.Kill);
        await Wait.UntilAsync($"{service} to be gone", () => _platform.PidOf(service) != pid);
    }

    static async Task<Guid> RefundAsync(PlatformUser admin, Ordered order, decimal amount)
    {
        using var answer = await admin.Http.PostAsJsonAsync(
            $"/api/billing/orders/{order.OrderId}/refund", new { amount, reason = "asked for" });
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("id").GetGuid();
    }

    /// <summary>While the user service is away there is none.</summary>
    static async Task<decimal?> BalanceAsync(PlatformUser user)
    {
        using var answer = await user.Http.GetAsync("/api/users/me");
        return answer.IsSuccessStatusCode
            ? (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("balance").GetDecimal() : null;
    }
}
