using System.Net;
using System.Net.Http.Json;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Refunds;
using CloudPhone.Billing.Revenue;
using CloudPhone.Billing.Tests.Charging;
using CloudPhone.Billing.Tests.Invoices;
using CloudPhone.Billing.Tests.Payments;
using CloudPhone.Billing.Tests.Refunds;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Billing.Tests.Revenue;

public sealed class RevenueTests : IAsyncLifetime
{
    const string Path = "/api/billing/revenue";

    FakeLedger _ledger = null!;
    PayService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _ledger = await FakeLedger.StartAsync();
        _service = new(_ledger.Setting);
    }

    async Task<RevenueAnswer> GetAsync(string query)
    {
        using var staff = _service.As(Guid.CreateVersion7(), Roles.Operator);
        return (await staff.GetFromJsonAsync<RevenueAnswer>($"{Path}?{query}"))!;
    }

    async Task RefundAsync(OrderAnswer order, decimal amount)
    {
        using var staff = _service.As(Guid.CreateVersion7(), Roles.Operator);
        (await staff.PostAsJsonAsync($"/api/billing/orders/{order.OrderId}/refund", new { amount, reason = "r" }))
            .EnsureSuccessStatusCode();
        await _service.UntilAsync("the refund", async () =>
            (await _service.GetAsync(order.OrderId)).Refunds[^1].Status == RefundStatus.Completed);
    }

    [Fact]
    public async Task Each_day_says_what_came_what_went_back_and_what_was_charged()
    {
        await _service.HoldWorkerAsync();
        var order = await _service.PaidAsync(new { amount = 100.01 });
        await _service.PaidAsync(new { amount = 50 }, version: 2);
        await new DeviceLife(_service.User).Created(0).Started(0).Stopped(7200).DeliverAllAsync(_service);
        await new DeviceLife(Guid.CreateVersion7()).Created(0).Started(0).Stopped(3600).DeliverAllAsync(_service);
        await _service.ChargeAsync(_service.Clock, 7200);
        _service.Clock.SetUtcNow(new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
        await RefundAsync(order, 30.01m);
        await RefundAsync(order, 20);

        var revenue = await GetAsync("from=2026-11-22&to=2026-11-24");
        Assert.Equal(
            [
                new(new(2026, 11, 24), 0, 0, 50.01m, 2, -50.01m, 0), new(new(2026, 11, 23), 0, 0, 0, 0, 0, 0),
                new(new(2026, 11, 22), 150.01m, 2, 0, 0, 150.01m, 2.7m),
            ], revenue.Items);
        Assert.Equal((150.01m, 50.01m, 100m, 2.7m, "CNY"),
            (revenue.Payments, revenue.Refunds, revenue.Net, revenue.Charged, revenue.Currency));
        Assert.Equal(0, (await GetAsync("from=2026-11-23&to=2026-11-23")).Charged);
        Assert.Equal(50.01m, (await GetAsync("from=2026-11-24&to=2026-11-24")).Refunds);
    }

    [Fact]
    public async Task Without_days_it_is_the_last_thirty()
    {
        var revenue = await GetAsync("");
        Assert.Equal((new DateOnly(2026, 10, 24), new DateOnly(2026, 11, 22), 30),
            (revenue.From, revenue.To, revenue.Items.Count));
        Assert.Equal(new DateOnly(2026, 1, 2), (await GetAsync("to=2026-01-31")).From);
    }

    [Theory]
    [InlineData("from=2026-11-23&to=2026-11-22")]
    [InlineData("from=2026-08-01&to=2026-11-01")]
    [InlineData("from=2026-12-01")]
    [InlineData("from=0001-01-01&to=9999-12-31")]
    [InlineData("from=x")]
    [InlineData("to=2026-02-30")]
    public async Task A_range_that_is_none_or_too_long_is_refused(string query)
    {
        using var staff = _service.As(Guid.CreateVersion7(), Roles.Operator);
        using var answer = await staff.GetAsync($"{Path}?{query}");
        Assert.Equal("bad-request", await PayService.ProblemAsync(answer, HttpStatusCode.BadRequest));
    }

    [Theory]
    [InlineData("from=0001-01-01&to=0001-01-01")]
    [InlineData("to=0001-01-05")]
    [InlineData("from=9999-12-31&to=9999-12-31")]
    public async Task The_ends_of_time_are_empty(string query) => Assert.Equal(0, (await GetAsync(query)).Net);

    [Fact]
    public async Task It_is_for_operators()
    {
        using var user = _service.As(_service.User);
        Assert.Equal("forbidden", await PayService.ProblemAsync(await user.GetAsync(Path), HttpStatusCode.Forbidden));
        using var nobody = _service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(Path)).StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _ledger.DisposeAsync();
    }
}
