using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using CloudPhone.Users.Quotas;
using CloudPhone.Users.Tests.Ledger;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Quotas;

public sealed class PaidQuotaTests : IAsyncLifetime
{
    readonly FakeTimeProvider _clock = new(
        DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
    readonly UserService _service = new();
    LedgerClient _user = null!;

    public async ValueTask InitializeAsync()
    {
        _service.With(_clock);
        _user = await LedgerClient.NewAsync(_service);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    DateTimeOffset Now => _clock.GetUtcNow();

    BillingPaymentSuccess Plan(string code, decimal price, int months, int devices) =>
        _user.Payment(price) with
        {
            PaidAt = Now,
            PlanCode = code,
            PlanMonths = months,
            PlanPrice = price,
            MaxDevices = devices,
            TotalCpuCores = devices * 4,
            TotalMemoryGB = devices * 8,
        };

    async Task SetEndAsync(DateTimeOffset? end)
    {
        using var op = _service.As(Guid.CreateVersion7(), "operator");
        (await op.PutAsJsonAsync($"/api/quotas/user/{_user.UserId}", new SetQuotaRequest(5, 16, 32, end)))
            .EnsureSuccessStatusCode();
    }

    async Task<IReadOnlyList<UserQuotaUpdated>> ToldAsync() =>
        [.. (await _service.PublishedAsync<UserQuotaUpdated>()).Where(e => e.UserId == _user.UserId)
            .OrderBy(e => e.Version)];

    [Fact]
    public async Task A_top_up_leaves_a_quota_without_end_as_it_is()
    {
        await _user.TellAsync(_user.Payment(50, days: 30));
        Assert.Null((await _service.QuotaAsync(_user.UserId)).ValidUntil);
        Assert.Empty(await ToldAsync());
        Assert.Equal(50, await _user.BalanceAsync());
    }

    [Fact]
    public async Task A_top_up_is_credited_where_the_end_can_be_no_later()
    {
        var end = new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);
        await SetEndAsync(end);
        await _user.TellAsync(_user.Payment(50, days: 30));
        Assert.Equal(end, (await _service.QuotaAsync(_user.UserId)).ValidUntil);
        Assert.Equal(50, await _user.BalanceAsync());
    }

    [Theory]
    [InlineData(10, 40)]
    [InlineData(-10, 30)]
    public async Task A_top_up_extends_from_the_end_or_from_now(int endInDays, int expected)
    {
        await SetEndAsync(Now.AddDays(endInDays));
        var payment = _user.Payment(50, days: 30);
        await _user.TellAsync(payment);
        await _user.TellAsync(payment);
        var end = Now.AddDays(expected);
        Assert.Equal(end, (await _service.QuotaAsync(_user.UserId)).ValidUntil);
        Assert.Equal([Now.AddDays(endInDays), end], (await ToldAsync()).Select(e => e.ValidUntil!.Value));
        await _user.TellAsync(_user.Payment(1, days: 0));
        Assert.Equal(2, (await ToldAsync()).Count);
    }

    [Fact]
    public async Task A_plan_is_credited_and_debited_and_gives_its_limits_and_its_time()
    {
        var plan = Plan("pro", 598, months: 2, devices: 20);
        await _user.TellAsync(plan);
        await _user.TellAsync(plan);
        Assert.Equal(0, await _user.BalanceAsync());
        var items = await _user.StatementAsync();
        Assert.Equal([(-598m, "plan", "pro"), (598m, "payment", null)],
            items.Select(i => (i.Amount, i.Reason, i.Note)).ToArray());
        Assert.All(items, i => Assert.Equal(plan.PaymentId, i.PaymentId));
        var quota = await _service.QuotaAsync(_user.UserId);
        Assert.Equal((new QuotaLimits(20, 80, 160), null), (quota.Limits, quota.ValidUntil));
        var told = Assert.Single(await ToldAsync());
        Assert.Equal((20, 2L, null), (told.MaxDevices, told.Version, told.ValidUntil));

        _clock.Advance(TimeSpan.FromDays(60)); // what had no end has none
        quota = await _service.QuotaAsync(_user.UserId);
        Assert.Equal((new QuotaLimits(5, 16, 32), null), (quota.Limits, quota.ValidUntil));
        Assert.Equal((5, 3L), ((await ToldAsync())[^1].MaxDevices, (await ToldAsync())[^1].Version));
    }

    async Task<int> DevicesAsync() => (await _service.QuotaAsync(_user.UserId)).Limits.MaxDevices;

    /// <summary>Each plan has its own time, and none takes away what the user has without it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Plans_follow_each_other_in_whichever_order_they_come(bool reordered)
    {
        await SetEndAsync(Now.AddDays(10));
        var small = Plan("small", 99, months: 2, devices: 2);
        _clock.Advance(TimeSpan.FromHours(1));
        var pro = Plan("pro", 299, months: 1, devices: 20);
        await _user.TellAsync(reordered ? pro : small);
        await _user.TellAsync(reordered ? small : pro);
        var start = Now.AddHours(-1);
        Assert.Equal(5, await DevicesAsync());
        Assert.Equal(start.AddDays(90), (await _service.QuotaAsync(_user.UserId)).ValidUntil);
        foreach (var (day, devices) in ((int, int)[])[(11, 2), (59, 2), (61, 20), (89, 20), (91, 5)])
        {
            _clock.SetUtcNow(start.AddDays(day));
            Assert.Equal((day, devices), (day, await DevicesAsync()));
        }
        Assert.Equal(start.AddDays(10), (await _service.QuotaAsync(_user.UserId)).ValidUntil);
        Assert.Equal(0, await _user.BalanceAsync());
    }

    [Fact]
    public async Task The_sweep_begins_and_ends_plans_and_tells_of_it()
    {
        await _user.TellAsync(Plan("pro", 299, months: 1, devices: 20));
        await Wait.UntilAsync("the plan's end", async () =>
        {
            _clock.Advance(TimeSpan.FromDays(1));
            return (await ToldAsync())[^1].MaxDevices == 5;
        });
        Assert.Equal([20, 5], (await ToldAsync()).Select(e => e.MaxDevices));
    }

    /// <summary>The price comes back and goes on to the provider; the balance stays. In either order.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refunded_plan_ends_and_the_next_one_begins(bool reordered)
    {
        var pro = Plan("pro", 299, months: 3, devices: 20);
        var refund = new BillingPaymentRefunded(
            Guid.CreateVersion7(), pro.PaymentId, pro.OrderId, _user.UserId, 299, "CNY", "r", Now.AddDays(10), "pro",
            Now.AddDays(10));
        var next = Plan("team", 199, months: 1, devices: 10) with { PaidAt = Now.AddDays(1) };
        _clock.Advance(TimeSpan.FromDays(10));
        if (reordered)
            await _user.TellAsync(refund);
        await _user.TellAsync(pro);
        await _user.TellAsync(next);
        if (!reordered)
        {
            Assert.Equal(20, await DevicesAsync());
            await _user.TellAsync(refund);
            await _user.TellAsync(refund);
        }
        Assert.Equal(10, await DevicesAsync());
        Assert.Equal(0, await _user.BalanceAsync());
        Assert.Equal(["payment", "payment", "plan", "plan", "plan-refunded", "refund"],
            (await _user.StatementAsync()).Select(i => i.Reason).Order());
        _clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(5, await DevicesAsync());

        // the refund fails after all: the money is in the balance, the plan is over
        await _user.TellAsync(new BillingRefundFailed(
            refund.RefundId, pro.PaymentId, pro.OrderId, _user.UserId, 299, "CNY", "r", Now));
        Assert.Equal(299, await _user.BalanceAsync());
        Assert.Equal(5, await DevicesAsync());
    }

    [Fact]
    public async Task What_an_operator_gives_is_added_to_by_a_plan()
    {
        await _user.TellAsync(Plan("pro", 299, months: 1, devices: 20));
        using var op = _service.As(Guid.CreateVersion7(), "operator");
        using var answer = await op.PutAsJsonAsync($"/api/quotas/user/{_user.UserId}", new SetQuotaRequest(50, 10, 10));
        var said = (await answer.Content.ReadFromJsonAsync<QuotaView>())!;
        Assert.Equal((new QuotaLimits(50, 80, 160), "pro"), (said.Limits, said.Plan));
        Assert.Equal(new OwnQuota(new(50, 10, 10), null), said.Own); // which the operator has set
        Assert.Equal(said, await op.GetFromJsonAsync<QuotaView>($"/api/quotas/user/{_user.UserId}"));
        _clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(new QuotaLimits(50, 10, 10), (await _service.QuotaAsync(_user.UserId)).Limits);
    }

    [Fact]
    public async Task After_a_plans_end_phones_can_be_read_released_and_renewed_but_not_taken()
    {
        await SetEndAsync(Now);
        await _user.TellAsync(Plan("basic", 99, months: 1, devices: 2));
        using var quota = new QuotaClient(_service, _user.UserId);
        var (kept, gone) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await quota.ReportAsync(kept, "increment");
        await quota.ReportAsync(gone, "increment");
        _clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(2, (await quota.UsageAsync()).CurrentDevices);
        Assert.Equal(1, (await quota.ReportAsync(gone, "decrement")).CurrentDevices);
        Assert.Equal("refused", (await quota.ReserveAsync(Guid.CreateVersion7())).Outcome);
        await _user.TellAsync(Plan("basic", 99, months: 1, devices: 2));
        Assert.Equal(Now.AddDays(30), (await _service.QuotaAsync(_user.UserId)).ValidUntil);
        Assert.Equal("reserved", (await quota.ReserveAsync(Guid.CreateVersion7())).Outcome);
    }
}
