using CloudPhone.Billing.Metering;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Billing.Tests.Metering;

public sealed class MeteringTests : IAsyncDisposable
{
    readonly FakeTimeProvider _clock = new(DeviceLife.Start);
    readonly TestService<BillingDb> _service = new();
    readonly DeviceLife _life = new(Guid.CreateVersion7());

    public MeteringTests() => _service.With(_clock);

    [Fact]
    public async Task Creation_opens_the_record_and_the_start_begins_to_meter_it()
    {
        _life.Created(0).Started(10);
        await _life.DeliverAsync(_service, 0);
        _clock.Advance(TimeSpan.FromSeconds(5));
        var created = Assert.Single(await _service.UsageAsync(_life));
        Assert.Equal((null, 0, 0m, UsageStatus.Open),
            (created.StartedAt, created.Seconds, created.Amount, created.Status));

        await _life.DeliverAsync(_service, 1);
        _clock.Advance(TimeSpan.FromSeconds(65));
        var running = Assert.Single(await _service.UsageAsync(_life));
        Assert.Equal((created.Id, DeviceLife.At(10), 60, UsageStatus.Open),
            (running.Id, running.StartedAt, running.Seconds, running.Status));
        // 2 cores and 4 GiB: 0.5 + 2 × 0.1 + 4 × 0.05 = 0.90 an hour
        Assert.Equal((0.9m, 0.015m, "CNY"), (running.PricePerHour, running.Amount, running.Currency));
    }

    [Fact]
    public async Task It_counts_at_each_read_and_stops_with_the_phone()
    {
        await _life.Created(0).Started(10).DeliverAllAsync(_service);
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(10, Assert.Single(await _service.UsageAsync(_life)).Seconds);
        _clock.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(17, Assert.Single(await _service.UsageAsync(_life)).Seconds);
        await _life.Stopped(27).DeliverAsync(_service, 2);
        _clock.Advance(TimeSpan.FromHours(1));
        var closed = Assert.Single(await _service.UsageAsync(_life));
        Assert.Equal((17, DeviceLife.At(27), UsageStatus.Closed, 0.00425m),
            (closed.Seconds, closed.StoppedAt, closed.Status, closed.Amount));
    }

    [Fact]
    public async Task An_error_pauses_and_the_recovery_goes_on()
    {
        await _life.Created(0).Started(0).Error(100).DeliverAllAsync(_service);
        _clock.Advance(TimeSpan.FromSeconds(130));
        var paused = Assert.Single(await _service.UsageAsync(_life));
        Assert.Equal((100, 30, UsageStatus.Paused), (paused.Seconds, paused.PausedSeconds, paused.Status));
        await _life.Recovered(140).DeliverAsync(_service, 3);
        _clock.Advance(TimeSpan.FromSeconds(20));
        var going = Assert.Single(await _service.UsageAsync(_life));
        Assert.Equal((110, 40, UsageStatus.Open), (going.Seconds, going.PausedSeconds, going.Status));
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("deleted")]
    [InlineData("stopped")]
    public async Task Whatever_ends_the_run_closes_the_record_even_out_of_a_pause(string end)
    {
        _life.Created(0).Started(0).Error(60);
        _ = end switch { "failed" => _life.Failed(90), "deleted" => _life.Deleted(90), _ => _life.Stopped(90) };
        await _life.DeliverAllAsync(_service);
        _clock.Advance(TimeSpan.FromHours(1));
        var closed = Assert.Single(await _service.UsageAsync(_life));
        Assert.Equal((60, 30, UsageStatus.Closed), (closed.Seconds, closed.PausedSeconds, closed.Status));
    }

    [Fact]
    public async Task A_phone_that_never_booted_costs_nothing()
    {
        await _life.Created(0).Error(30).Deleted(90).DeliverAllAsync(_service);
        var closed = Assert.Single(await _service.UsageAsync(_life));
        Assert.Equal((null, 0, 0m, UsageStatus.Closed),
            (closed.StartedAt, closed.Seconds, closed.Amount, closed.Status));
    }

    [Fact]
    public async Task Each_run_has_its_record_and_a_recovery_after_the_end_is_a_run()
    {
        await _life.Created(0).Started(10).Stopped(20).Started(30).Failed(45).Recovered(50).Stopped(57)
            .DeliverAllAsync(_service);
        Assert.Equal([7L, 15L, 10L], (await _service.UsageAsync(_life)).Select(u => u.Seconds));
    }

    [Fact]
    public async Task A_clock_that_stepped_back_makes_no_negative_time()
    {
        await _life.Created(50).Started(40).Error(30).Recovered(60).Stopped(20).Started(10).Stopped(15)
            .DeliverAllAsync(_service);
        Assert.Equal([(5L, 0L), (0L, 20L)], (await _service.UsageAsync(_life)).OrderBy(u => u.StartedAt)
            .Select(u => (u.Seconds, u.PausedSeconds)));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
