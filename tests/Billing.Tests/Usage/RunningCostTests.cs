using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPhone.Billing.Tests.Charging;
using CloudPhone.Billing.Usage;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Billing.Tests.Usage;

public sealed class RunningCostTests : IAsyncDisposable
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    const int Day = 24 * 3600;

    readonly FakeTimeProvider _clock = new(DeviceLife.Start);
    readonly TestService<BillingDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();

    public RunningCostTests() => _service.With(_clock);

    async Task<RunningCost> GetAsync(string query = "") =>
        (await _service.As(_user).GetFromJsonAsync<RunningCost>($"/api/billing/running?{query}", Json))!;

    [Fact]
    public async Task It_tells_what_runs_costs_and_how_long_the_balance_lasts()
    {
        await _service.HoldWorkerAsync();
        await new DeviceLife(_user).Created(0).Started(0).DeliverAllAsync(_service);
        var broken = new DeviceLife(_user).Created(0).Started(0);
        await broken.DeliverAllAsync(_service);
        await new DeviceLife(_user).Created(0).Started(0).Stopped(400).DeliverAllAsync(_service);
        await new DeviceLife(_user).Created(0).DeliverAllAsync(_service);
        await _service.DeliverAsync(
            new UserBalanceUpdated(_user, 20, 20, "CNY", "payment", DeviceLife.Start, 1, Guid.CreateVersion7()));
        await _service.ChargeAsync(_clock, 500);
        await broken.Error(600).DeliverAsync(_service, 2);
        _clock.SetUtcNow(DeviceLife.At(1000));
        var cost = await GetAsync();
        // 500 s of the first and 100 s of the second since they were charged
        Assert.Equal((0.9m, 21.6m, 0.15m, 20m, 22.06m),
            (cost.PerHour, cost.PerDay, cost.Uncharged, cost.Balance, cost.EstimatedHoursLeft));
        Assert.Equal([0m, 0.9m], cost.Items.Select(p => p.PerHour).Order());
        Assert.Equal([600L, 1000L], cost.Items.Select(p => p.Seconds).Order());
        var page = await GetAsync("limit=1");
        Assert.Equal((1, 0.9m), (page.Items.Count, page.PerHour));
        Assert.Single((await GetAsync($"limit=1&cursor={page.NextCursor}")).Items);
    }

    [Fact]
    public async Task Included_hours_come_first()
    {
        await _service.HoldWorkerAsync();
        await _service.IncludeAsync(_user, 10);
        await new DeviceLife(_user).Created(0).Started(0).DeliverAllAsync(_service);
        await new DeviceLife(_user).Created(0).Started(0).DeliverAllAsync(_service);
        await _service.ChargeAsync(_clock, 3600);
        var cost = await GetAsync();
        Assert.Equal((1.8m, 0m, 8 * 3600L, 4m),
            (cost.PerHour, cost.Uncharged, cost.IncludedSecondsLeft, cost.EstimatedHoursLeft));
    }

    [Fact]
    public async Task While_hours_are_left_nothing_is_taken_from_the_balance_and_it_says_for_how_long()
    {
        await _service.HoldWorkerAsync();
        await _service.IncludeAsync(_user, 2);
        await RunAsync(0);
        await PayAsync(9);
        await _service.ChargeAsync(_clock, 3600);
        _clock.SetUtcNow(DeviceLife.At(3630)); // the plan pays for what is not charged yet, too
        var covered = await GetAsync();
        Assert.Equal((0.9m, 0m, DeviceLife.At(7200), 3570L, 0m),
            (covered.PerHour, covered.PerHourFromBalance, covered.IncludedUntil, covered.IncludedSecondsLeft,
                covered.Uncharged));
        var phone = Assert.Single(covered.Items);
        Assert.Equal((0.9m, 0m, 3630L), (phone.PerHour, phone.Amount, phone.IncludedSeconds));
        Assert.Equal(10.99m, covered.EstimatedHoursLeft);

        await RunAsync(3630); // two use them up twice as fast
        Assert.Equal(DeviceLife.At(3630 + 1785), (await GetAsync()).IncludedUntil);

        _clock.SetUtcNow(DeviceLife.At(3630 + 1785 + 60));
        var paid = await GetAsync();
        Assert.Equal((1.8m, 1.8m, null, 0L, 0.03m),
            (paid.PerHour, paid.PerHourFromBalance, paid.IncludedUntil, paid.IncludedSecondsLeft, paid.Uncharged));
        Assert.Equal([0m, 0.03m], paid.Items.Select(p => p.Amount).Order());
    }

    [Theory]
    [InlineData(1000, 1, 29, 30, 34)] // the month ends before its hours: 24 h, and 10 h of the balance
    [InlineData(1000, 2, 29, 60, 754)] // and another one follows
    [InlineData(2, 2, 0, 0, 12)] // the balance ends before the next month begins
    public async Task Hours_end_with_their_month(int hours, int months, int day, int untilDay, int hoursLeft)
    {
        await _service.HoldWorkerAsync();
        await _service.IncludeAsync(_user, hours, months);
        await RunAsync(day * Day);
        await PayAsync(9);
        var cost = await GetAsync();
        Assert.Equal((untilDay == 0 ? DeviceLife.At(7200) : DeviceLife.At(untilDay * Day), hoursLeft),
            (cost.IncludedUntil, cost.EstimatedHoursLeft));
    }

    [Fact]
    public async Task A_balance_that_lasts_until_the_next_month_has_its_hours_as_well()
    {
        await _service.HoldWorkerAsync();
        await _service.IncludeAsync(_user, 2, months: 2);
        await RunAsync(0);
        await PayAsync(900);
        Assert.Equal(1004, (await GetAsync()).EstimatedHoursLeft);
    }

    async Task RunAsync(int second)
    {
        _clock.SetUtcNow(DeviceLife.At(second));
        await new DeviceLife(_user).Created(second).Started(second).DeliverAllAsync(_service);
    }

    Task PayAsync(decimal amount) => _service.DeliverAsync(new UserBalanceUpdated(
        _user, amount, amount, "CNY", "payment", DeviceLife.Start, 1, Guid.CreateVersion7()));

    [Fact]
    public async Task Nobody_else_sees_it_but_operators()
    {
        await _service.HoldWorkerAsync();
        var nothing = await GetAsync();
        Assert.Equal((0, 0m, 0m, null),
            (nothing.Items.Count, nothing.PerHour, nothing.Balance, nothing.EstimatedHoursLeft));
        await new DeviceLife(_user).Created(0).Started(0).DeliverAllAsync(_service);
        using var stranger = _service.As(Guid.CreateVersion7());
        Assert.Equal(HttpStatusCode.NotFound,
            (await stranger.GetAsync($"/api/billing/running?userId={_user}")).StatusCode);
        using var op = _service.As(Guid.CreateVersion7(), Roles.Operator);
        var seen = await op.GetFromJsonAsync<RunningCost>($"/api/billing/running?userId={_user}", Json);
        Assert.Single(seen!.Items);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
