using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Billing.Tests.Charging;

public sealed class ChargingTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(DeviceLife.Start);
    readonly TestService<BillingDb> _service = new();
    readonly DeviceLife _life = new(Guid.CreateVersion7());

    // 2 cores and 4 GiB: 0.90 an hour, 0.00025 a second
    public ChargingTests() => _service.With(_clock);

    async Task<List<(int From, int To, long Seconds, decimal Amount)>> ChargesAsync() =>
        (await _service.ChargesAsync(_life)).ConvertAll(c => ((int)(c.From - DeviceLife.Start).TotalSeconds,
            (int)(c.To - DeviceLife.Start).TotalSeconds, c.Seconds, c.Amount));

    [Fact]
    public async Task Each_step_charges_what_ran_since_the_one_before_and_the_last_the_remainder()
    {
        await _service.HoldWorkerAsync();
        await _life.Created(0).Started(10).DeliverAllAsync(_service);
        await _service.ChargeAsync(_clock, 10);
        await _service.ChargeAsync(_clock, 60);
        await _service.ChargeAsync(_clock, 60);
        await _service.ChargeAsync(_clock, 120);
        await _life.Stopped(127).DeliverAsync(_service, 2);
        await _service.ChargeAsync(_clock, 180);
        await _service.ChargeAsync(_clock, 600);
        Assert.Equal([(10, 60, 50, 0.0125m), (60, 120, 60, 0.015m), (120, 127, 7, 0.00175m)], await ChargesAsync());
        var record = Assert.Single(await _service.UsageAsync(_life));
        Assert.Equal((0.02925m, 0.02925m, DeviceLife.At(127)), (record.Amount, record.Charged, record.ChargedUntil));
    }

    [Fact]
    public async Task A_pause_is_not_charged()
    {
        await _service.HoldWorkerAsync();
        await _life.Created(0).Started(0).Error(30).DeliverAllAsync(_service);
        await _service.ChargeAsync(_clock, 60);
        await _service.ChargeAsync(_clock, 120);
        await _life.Recovered(150).DeliverAsync(_service, 3);
        await _service.ChargeAsync(_clock, 180);
        Assert.Equal([(0, 30, 30, 0.0075m), (30, 180, 30, 0.0075m)], await ChargesAsync());
    }

    [Fact]
    public async Task A_stop_that_comes_late_gives_back_what_was_too_much()
    {
        await _service.HoldWorkerAsync();
        await _life.Created(0).Started(0).DeliverAllAsync(_service);
        await _service.ChargeAsync(_clock, 100);
        await _life.Stopped(40).Started(120).DeliverAsync(_service, 3);
        await _service.ChargeAsync(_clock, 150);
        await _life.DeliverAsync(_service, 2);
        await _service.ChargeAsync(_clock, 160);
        var charges = await ChargesAsync();
        Assert.Contains((120, 120, -80, -0.02m), charges);
        Assert.Equal(80, charges.Sum(c => c.Seconds));
        Assert.Equal(0.02m, charges.Sum(c => c.Amount));
        Assert.All(await _service.UsageAsync(_life), u => Assert.Equal(u.Amount, u.Charged));
    }

    [Fact]
    public async Task What_a_plan_includes_is_taken_first_and_shared()
    {
        await _service.HoldWorkerAsync();
        var second = new DeviceLife(_life.UserId).Created(0).Started(1800);
        await _service.IncludeAsync(_life.UserId, 1);
        await _life.Created(0).Started(0).DeliverAllAsync(_service);
        await second.DeliverAllAsync(_service);
        await _service.ChargeAsync(_clock, 1200);
        await _service.ChargeAsync(_clock, 3600);
        Assert.Equal([(1200L, 1200L, 0m), (2400L, 2400L, 0m)],
            (await _service.ChargesAsync(_life)).Select(c => (c.Seconds, c.IncludedSeconds ?? 0, c.Amount)));
        Assert.Equal([(1800L, 0L, 0.45m)],
            (await _service.ChargesAsync(second)).Select(c => (c.Seconds, c.IncludedSeconds ?? 0, c.Amount)));
        Assert.Equal(0, Assert.Single(await _service.UsageAsync(_life)).Amount);
    }

    [Fact]
    public async Task A_correction_gives_back_money_before_included_hours()
    {
        await _service.HoldWorkerAsync();
        await _service.IncludeAsync(_life.UserId, 1);
        await _life.Created(0).Started(0).DeliverAllAsync(_service);
        await _service.ChargeAsync(_clock, 4000);
        await _life.Stopped(3000).DeliverAsync(_service, 2);
        await _service.ChargeAsync(_clock, 4001);
        Assert.Equal([(4000L, 3600L, 0.1m), (-1000L, -600L, -0.1m)],
            (await _service.ChargesAsync(_life)).Select(c => (c.Seconds, c.IncludedSeconds ?? 0, c.Amount)));
        Assert.Equal(3000, await _service.InDatabaseAsync(
            db => db.Set<Billing.Plans.Subscription>().Select(s => s.UsedSeconds).SingleAsync()));
    }

    [Fact]
    public async Task Nothing_is_charged_twice_by_steps_at_once()
    {
        await _service.HoldWorkerAsync();
        await _life.Created(0).Started(0).DeliverAllAsync(_service);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _service.ChargeAsync(_clock, 100)));
        Assert.Equal((0, 100, 100, 0.025m), Assert.Single(await ChargesAsync()));
    }

    [Fact]
    public async Task The_worker_charges_each_minute_and_a_stop_within_seconds()
    {
        await _life.Created(0).Started(0).DeliverAllAsync(_service);
        async Task WaitAsync(long seconds)
        {
            await Wait.UntilAsync($"{seconds} s to be charged", async () =>
            {
                // small steps, as its timers begin when it has done its work
                _clock.Advance(TimeSpan.FromSeconds(1));
                return (await _service.ChargesAsync(_life)).Sum(c => c.Seconds) >= seconds;
            }, 60);
        }

        await WaitAsync(61);
        var stop = (int)(_clock.GetUtcNow() - DeviceLife.Start).TotalSeconds;
        await _life.Stopped(stop).DeliverAsync(_service, 2);
        await WaitAsync(stop);
        var charges = await ChargesAsync();
        Assert.Equal(stop, charges.Sum(c => c.Seconds));
        Assert.Equal(charges.Select(c => c.To).SkipLast(1), charges.Select(c => c.From).Skip(1));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
