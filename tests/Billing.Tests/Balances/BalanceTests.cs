using System.Net;
using CloudPhone.Billing.Plans;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Billing.Tests.Balances;

public sealed class BalanceTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(DeviceLife.Start);
    readonly TestService<BillingDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();
    decimal _balance;
    long _version;

    public BalanceTests() => _service.With(_clock);

    UserBalanceUpdated Next(decimal delta, string reason) =>
        new(_user, _balance += delta, delta, "CNY", reason, _clock.GetUtcNow(), ++_version);

    async Task DeliverAsync(UserBalanceUpdated e) =>
        Assert.Equal(HttpStatusCode.OK, (await _service.DeliverAsync(e)).StatusCode);

    Task PayAsync(decimal amount) => DeliverAsync(Next(amount, "payment"));

    Task UseAsync(decimal amount) => DeliverAsync(Next(-amount, "usage"));

    async Task<List<decimal>> WarningsAsync() =>
        [.. (await _service.PublishedAsync<BillingLowBalance>()).Select(w => w.Balance).OrderDescending()];

    async Task<List<decimal>> EndsAsync() =>
        [.. (await _service.PublishedAsync<BillingBalanceExhausted>()).Select(w => w.Balance).OrderDescending()];

    /// <summary>Lets that much time pass; what is due by then is done.</summary>
    async Task PassAsync(TimeSpan time)
    {
        _clock.Advance(time);
        await Wait.UntilAsync("what is due to be done", async () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1)); // a worker that was just about to sleep
            var now = _clock.GetUtcNow();
            return !await _service.InDatabaseAsync(db => Task.FromResult(
                db.Set<Billing.Balances.GracePeriod>().AsEnumerable()
                    .Any(g => g.NextAttemptAt <= now || g.LeaseId != null)));
        });
    }

    [Fact]
    public async Task A_low_balance_is_told_once_per_crossing()
    {
        await PayAsync(60);
        await UseAsync(5);
        Assert.Empty(await WarningsAsync());
        await UseAsync(6);
        await UseAsync(1);
        Assert.Equal([49m], await WarningsAsync());
        await PayAsync(1);
        await UseAsync(1);
        Assert.Equal([49m], await WarningsAsync());
        await PayAsync(10);
        await UseAsync(20);
        Assert.Equal([49m, 38m], await WarningsAsync());
        Assert.Equal(50, (await _service.PublishedAsync<BillingLowBalance>())[0].Threshold);
    }

    [Fact]
    public async Task Buying_a_plan_is_no_crossing()
    {
        await PayAsync(99);
        await DeliverAsync(Next(-99, "plan"));
        Assert.Empty(await WarningsAsync());
    }

    [Fact]
    public async Task One_that_never_was_high_is_low_at_the_first_debit()
    {
        await PayAsync(10);
        Assert.Empty(await WarningsAsync());
        await UseAsync(1);
        await UseAsync(1);
        Assert.Equal([9m], await WarningsAsync());
    }

    [Fact]
    public async Task Doubled_and_reordered_events_warn_once_and_leave_the_last_balance()
    {
        var events = new[] { Next(100, "payment"), Next(-60, "usage"), Next(-1, "usage"), Next(-1, "usage") };
        await Task.WhenAll(events.Concat(events).Reverse().Select(DeliverAsync));
        Assert.Single(await WarningsAsync());
        Assert.Equal(38, await _service.InDatabaseAsync(db => Task.FromResult(
            db.Set<Billing.Balances.UserBalance>().Single(b => b.UserId == _user).Balance)));
    }

    [Fact]
    public async Task The_grace_ends_in_exhaustion_once()
    {
        await PayAsync(1);
        await UseAsync(1);
        await UseAsync(0.5m);
        await PassAsync(TimeSpan.FromMinutes(59));
        Assert.Empty(await EndsAsync());
        await PassAsync(TimeSpan.FromMinutes(2));
        await UseAsync(0.1m); // the remainder of the phones that were stopped
        await PassAsync(TimeSpan.FromMinutes(120));
        Assert.Equal([-0.5m], await EndsAsync());
        Assert.Equal(3, (await _service.PublishedAsync<BillingBalanceExhausted>())[0].BalanceVersion);
    }

    [Fact]
    public async Task A_phone_that_runs_on_is_told_of_again()
    {
        await new DeviceLife(_user).Created(0).Started(0).DeliverAllAsync(_service);
        await UseAsync(1);
        await PassAsync(TimeSpan.FromMinutes(61));
        await UseAsync(1);
        await PassAsync(TimeSpan.FromMinutes(61));
        Assert.Equal([-1m, -2m], await EndsAsync());
    }

    [Fact]
    public async Task A_credit_in_the_grace_ends_it_and_the_next_one_is_whole()
    {
        await UseAsync(1);
        await PassAsync(TimeSpan.FromMinutes(50));
        await PayAsync(2);
        await PassAsync(TimeSpan.FromMinutes(50));
        Assert.Empty(await EndsAsync());
        await UseAsync(2);
        await PassAsync(TimeSpan.FromMinutes(50));
        Assert.Empty(await EndsAsync());
        await PassAsync(TimeSpan.FromMinutes(11));
        Assert.Equal([-1m], await EndsAsync());
    }

    /// <summary>The debt is above the plan's price: the balance is never positive.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_plan_ends_grace_and_exhaustion(bool isExhausted, bool reordered)
    {
        await UseAsync(400);
        await PassAsync(TimeSpan.FromMinutes(isExhausted ? 61 : 50));
        var told = isExhausted ? 1 : 0;
        Assert.Equal(told, (await EndsAsync()).Count);
        var (payment, plan) = (Next(299, "payment"), Next(-299, "plan"));
        await DeliverAsync(reordered ? plan : payment);
        await DeliverAsync(reordered ? payment : plan);
        Assert.False(await IsExhaustedAsync());
        await PassAsync(TimeSpan.FromMinutes(61));
        Assert.Equal(told, (await EndsAsync()).Count);

        await UseAsync(1); // its hours are used up
        await PassAsync(TimeSpan.FromMinutes(61));
        Assert.Equal(told + 1, (await EndsAsync()).Count);
    }

    [Fact]
    public async Task A_plan_that_is_told_after_later_usage_gives_a_whole_grace()
    {
        await UseAsync(400);
        await PassAsync(TimeSpan.FromMinutes(50));
        var (payment, plan, usage) = (Next(299, "payment"), Next(-299, "plan"), Next(-1, "usage"));
        await DeliverAsync(usage);
        await DeliverAsync(plan);
        await DeliverAsync(payment);
        await PassAsync(TimeSpan.FromMinutes(50));
        Assert.Empty(await EndsAsync());
        await PassAsync(TimeSpan.FromMinutes(11));
        Assert.Equal([-401m], await EndsAsync());
    }

    [Fact]
    public async Task A_charge_from_before_the_plan_stops_nothing_while_its_hours_last()
    {
        await UseAsync(400);
        await DeliverAsync(Next(299, "payment"));
        await DeliverAsync(Next(-299, "plan"));
        var id = Guid.CreateVersion7();
        await _service.InDatabaseAsync(async db =>
        {
            db.Add(new Subscription
            {
                Id = id, UserId = _user, PlanId = id, OrderId = id, Month = 1, From = _clock.GetUtcNow(),
                Until = _clock.GetUtcNow().AddDays(30), IncludedSeconds = 3600,
            });
            return await db.SaveChangesAsync();
        });
        await UseAsync(1); // the minute in which the plan was paid
        await PassAsync(TimeSpan.FromMinutes(61));
        Assert.Empty(await EndsAsync());

        await _service.InDatabaseAsync(db => db.Set<Subscription>().Where(s => s.Id == id)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.UsedSeconds, 3600)));
        await UseAsync(1);
        await PassAsync(TimeSpan.FromMinutes(61));
        Assert.Single(await EndsAsync());
    }

    Task<bool> IsExhaustedAsync() => _service.InDatabaseAsync(db => Task.FromResult(
        db.Set<Billing.Balances.UserBalance>().Single(b => b.UserId == _user).IsExhausted));

    [Fact]
    public async Task A_debt_without_usage_and_what_plans_pay_for_begin_no_grace()
    {
        await DeliverAsync(Next(-5, "adjustment"));
        await DeliverAsync(Next(0, "usage"));
        await PassAsync(TimeSpan.FromMinutes(90));
        Assert.Empty(await EndsAsync());
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
