using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Users.Quotas;
using CloudPhone.Users.Tests.Ledger;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Quotas;

public sealed class PaidQuotaTests : IAsyncLifetime
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
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
        Assert.Equal((new QuotaLimits(20, 80, 160), Now.AddDays(60)), (quota.Limits, quota.ValidUntil));
        var told = Assert.Single(await ToldAsync());
        Assert.Equal((20, 2L, Now.AddDays(60)), (told.MaxDevices, told.Version, told.ValidUntil));
    }

    [Fact]
    public async Task Of_two_plans_the_later_one_counts_in_whichever_order_they_come()
    {
        var basic = Plan("basic", 99, months: 1, devices: 5);
        _clock.Advance(TimeSpan.FromHours(1));
        var pro = Plan("pro", 299, months: 1, devices: 20);
        await _user.TellAsync(pro);
        await _user.TellAsync(basic);
        var quota = await _service.QuotaAsync(_user.UserId);
        Assert.Equal((20, Now.AddDays(60)), (quota.Limits.MaxDevices, quota.ValidUntil));
        Assert.Equal(0, await _user.BalanceAsync());
    }

    [Fact]
    public async Task After_a_plans_end_phones_can_be_read_released_and_renewed_but_not_taken()
    {
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
