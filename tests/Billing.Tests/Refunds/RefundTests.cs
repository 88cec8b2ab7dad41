using System.Net;
using System.Net.Http.Json;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Refunds;
using CloudPhone.Billing.Tests.Payments;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Tests.Refunds;

public sealed class RefundTests : IAsyncLifetime
{
    FakeLedger _ledger = null!;
    PayService _service = null!;
    OrderAnswer _order = null!;

    public async ValueTask InitializeAsync()
    {
        _ledger = await FakeLedger.StartAsync();
        _service = new(_ledger.Setting);
        _order = await _service.OrderAsync(new { amount = 100 });
        await _service.TellAsync(_order);
    }

    async Task<HttpResponseMessage> RefundAsync(object body, string? key = null, string role = Roles.Operator)
    {
        using var client = _service.As(Guid.CreateVersion7(), role);
        if (key is not null)
            client.DefaultRequestHeaders.Add("Idempotency-Key", key);
        return await client.PostAsJsonAsync($"/api/billing/orders/{_order.OrderId}/refund", body);
    }

    async Task<RefundView> AcceptedAsync(object body)
    {
        using var answer = await RefundAsync(body);
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<RefundView>(PayService.Json))!;
    }

    async Task<RefundView> EndAsync(RefundView refund)
    {
        RefundView? now = null;
        await _service.UntilAsync("the refund's end", async () =>
            (now = (await _service.GetAsync(_order.OrderId)).Refunds.Single(r => r.Id == refund.Id))
            .CompletedAt is not null);
        return now!;
    }

    Task<IReadOnlyList<BillingPaymentRefunded>> ToldAsync() => _service.PublishedAsync<BillingPaymentRefunded>();

    [Fact]
    public async Task Parts_go_back_and_in_the_end_the_whole()
    {
        var refund = await AcceptedAsync(new { amount = 30.5, reason = "it was slow" });
        Assert.Equal((30.5m, "CNY", "it was slow", _order.PaymentId),
            (refund.Amount, refund.Currency, refund.Reason, refund.PaymentId));
        Assert.Equal(RefundStatus.Completed, (await EndAsync(refund)).Status);
        var view = await _service.GetAsync(_order.OrderId);
        Assert.Equal((OrderStatus.Paid, 30.5m), (view.Status, view.RefundedAmount));
        var told = Assert.Single(await ToldAsync());
        Assert.Equal((refund.Id, _order.PaymentId, _order.OrderId, _service.User, 30.5m, "CNY", "it was slow"),
            (told.RefundId, told.PaymentId, told.OrderId, told.UserId, told.Amount, told.Currency, told.Reason));

        await EndAsync(await AcceptedAsync(new { reason = "the rest" }));
        view = await _service.GetAsync(_order.OrderId);
        Assert.Equal((OrderStatus.Refunded, 100m, 900m), (view.Status, view.RefundedAmount, _ledger.Balance));
        using var more = await RefundAsync(new { reason = "more" });
        Assert.Equal("more-than-paid", await PayService.ProblemAsync(more, HttpStatusCode.Conflict));
        Assert.Equal([(30.5m, false), (69.5m, true)],
            (await ToldAsync()).Select(e => (e.Amount, e.TopUpEndsAt == e.RefundedAt)));
    }

    [Theory]
    [InlineData("{\"amount\":100.01,\"reason\":\"r\"}", HttpStatusCode.Conflict)]
    [InlineData("{\"amount\":0,\"reason\":\"r\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"amount\":-1,\"reason\":\"r\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"amount\":0.001,\"reason\":\"r\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"amount\":1e99,\"reason\":\"r\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"amount\":\"NaN\",\"reason\":\"r\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"amount\":1}", HttpStatusCode.BadRequest)]
    [InlineData("{\"amount\":1,\"reason\":\" \"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"amount\":1,\"reason\":\"a\\nb\"}", HttpStatusCode.BadRequest)]
    [InlineData("{\"reason\":\"r\",\"paymentId\":\"019a0000-0000-7000-8000-000000000012\"}", HttpStatusCode.Conflict)]
    public async Task Bad_values_are_refused_and_nothing_goes_back(string body, HttpStatusCode status)
    {
        using var client = _service.As(Guid.CreateVersion7(), Roles.Operator);
        using var answer = await client.PostAsync($"/api/billing/orders/{_order.OrderId}/refund",
            new StringContent(body, null, "application/json"));
        await PayService.ProblemAsync(answer, status);
        Assert.Empty((await _service.GetAsync(_order.OrderId)).Refunds);
        Assert.Equal(0, _ledger.Calls);
    }

    [Fact]
    public async Task It_is_for_operators_and_for_orders_that_were_paid()
    {
        using var user = await RefundAsync(new { reason = "r" }, role: Roles.User);
        Assert.Equal(HttpStatusCode.Forbidden, user.StatusCode);
        var open = await _service.OrderAsync(new { amount = 1 });
        using var client = _service.As(Guid.CreateVersion7(), Roles.Admin);
        using var unpaid = await client.PostAsJsonAsync(
            $"/api/billing/orders/{open.OrderId}/refund", new { reason = "r" });
        Assert.Equal("not-paid", await PayService.ProblemAsync(unpaid, HttpStatusCode.Conflict));
        using var unknown = await client.PostAsJsonAsync(
            $"/api/billing/orders/{Guid.CreateVersion7()}/refund", new { reason = "r" });
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Empty((await _service.GetAsync(_order.OrderId)).Refunds);
    }

    [Fact]
    public async Task Fifty_at_once_never_pay_back_more_than_was_paid()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => RefundAsync(new { amount = 30, reason = "r" })));
        Assert.Equal(3, answers.Count(a => a.StatusCode == HttpStatusCode.Accepted));
        Assert.Equal(47, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
        foreach (var refund in (await _service.GetAsync(_order.OrderId)).Refunds)
            await EndAsync(refund);
        Assert.Equal((90m, 910m), ((await _service.GetAsync(_order.OrderId)).RefundedAmount, _ledger.Balance));
        Assert.Equal(3, (await ToldAsync()).Count);
    }

    [Fact]
    public async Task One_key_is_one_refund()
    {
        using var client = _service.As(Guid.CreateVersion7(), Roles.Operator);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "one-click");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.PostAsJsonAsync(
            $"/api/billing/orders/{_order.OrderId}/refund", new { amount = 1, reason = "r" })));
        // while the first runs, its copies are told so
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict));
        await EndAsync(Assert.Single((await _service.GetAsync(_order.OrderId)).Refunds));
        Assert.Equal(999, _ledger.Balance);
    }

    [Fact]
    public async Task Without_the_money_in_the_balance_nothing_goes_back()
    {
        _ledger.Balance = 99;
        var refund = await EndAsync(await AcceptedAsync(new { reason = "r" }));
        Assert.Equal(
            (RefundStatus.Refused, "The balance is smaller than the refund."), (refund.Status, refund.Failure));
        var view = await _service.GetAsync(_order.OrderId);
        Assert.Equal((OrderStatus.Paid, 0m, 99m), (view.Status, view.RefundedAmount, _ledger.Balance));
        Assert.Empty(await ToldAsync());
        _ledger.Balance = 100; // what was refused is free for another refund
        Assert.Equal(RefundStatus.Completed, (await EndAsync(await AcceptedAsync(new { reason = "r" }))).Status);
    }

    [Fact]
    public async Task What_the_provider_refuses_is_given_back_to_the_balance()
    {
        var refund = await EndAsync(await AcceptedAsync(new { amount = 50.13, reason = "r" }));
        Assert.Equal(RefundStatus.Refused, refund.Status);
        Assert.Contains(".13", refund.Failure);
        Assert.Equal((1000m, 0m), (_ledger.Balance, _ledger.Holds[refund.Id]));
        Assert.Empty(await ToldAsync());
    }

    /// <summary>What was paid for a plan was spent on it: the balance does not matter.</summary>
    [Fact]
    public async Task A_plan_that_is_refunded_whole_ends()
    {
        _ledger.Balance = 0;
        using var client = _service.As(_service.User);
        var basic = (await client.GetFromJsonAsync<Page<PlanItem>>("/api/billing/plans"))!.Items
            .Single(p => p.Code == "basic");
        _order = await _service.OrderAsync(new { planId = basic.Id, months = 2 });
        await _service.TellAsync(_order);
        _service.Clock.Advance(TimeSpan.FromDays(1));
        var refused = await EndAsync(await AcceptedAsync(new { amount = 0.13, reason = "r" }));
        var done = await EndAsync(await AcceptedAsync(new { amount = 99, reason = "r" }));
        Assert.Equal((RefundStatus.Refused, RefundStatus.Completed), (refused.Status, done.Status));
        var part = Assert.Single(await ToldAsync());
        Assert.Equal((99m, "basic", null), (part.Amount, part.PlanCode, part.PlanEndsAt));
        Assert.Equal(2, (await PlansAsync(client)).Count);

        var rest = await EndAsync(await AcceptedAsync(new { reason = "r" }));
        var whole = Assert.Single(await ToldAsync(), e => e.RefundId == rest.Id);
        Assert.Equal((99m, "basic", rest.CompletedAt), (whole.Amount, whole.PlanCode, whole.PlanEndsAt));
        var ended = Assert.Single(await PlansAsync(client));
        Assert.True(ended.Until - rest.CompletedAt < TimeSpan.FromSeconds(1));
        Assert.Empty(_ledger.Holds);
        Assert.Equal(0, _ledger.Balance);
    }

    static async Task<IReadOnlyList<SubscriptionItem>> PlansAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<Page<SubscriptionItem>>("/api/billing/subscriptions"))!.Items;

    [Fact]
    public async Task While_the_user_service_is_away_it_waits()
    {
        _ledger.IsAway = true;
        var refund = await AcceptedAsync(new { reason = "r" });
        Assert.Equal(RefundStatus.Requested, refund.Status);
        using var second = await RefundAsync(new { amount = 0.01, reason = "r" });
        Assert.Equal("more-than-paid", await PayService.ProblemAsync(second, HttpStatusCode.Conflict));
        _ledger.IsAway = false;
        Assert.Equal(RefundStatus.Completed, (await EndAsync(refund)).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _ledger.DisposeAsync();
    }
}
