using CloudPhone.Users.Quotas;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Quotas;

public sealed class ReserveTests : IAsyncLifetime
{
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly UserService _service = new();
    QuotaClient _quota = null!;
    Guid _user;

    public async ValueTask InitializeAsync()
    {
        _service.With(_clock);
        _user = (await _service.AddUserAsync()).Id;
        _quota = new(_service, _user);
    }

    [Fact]
    public async Task A_reservation_takes_its_share_once()
    {
        var device = Guid.CreateVersion7();
        for (var i = 0; i < 3; i++)
        {
            var answer = await _quota.ReserveAsync(device);
            Assert.Equal(("reserved", null), (answer.Outcome, answer.Reason));
            Assert.Equal((new QuotaLimits(5, 16, 32), new QuotaUsage(1, 2, 4)), (answer.Limits, answer.Usage));
        }
        Assert.Equal(new QuotaUsage(1, 2, 4), await _quota.UsageAsync());
    }

    [Theory]
    [InlineData(1, 1, 5, "5 phones")]
    [InlineData(8, 1, 2, "CPU cores")]
    [InlineData(7, 1, 2, "2 are left, this phone needs 7. Ask for a smaller one.")]
    [InlineData(1, 16, 2, "GB of memory")]
    public async Task Each_limit_refuses_with_its_reason_and_says_how_to_get_more(
        int cores, int memory, int room, string reason)
    {
        for (var i = 0; i < room; i++)
            Assert.Equal("reserved", (await _quota.ReserveAsync(Guid.CreateVersion7(), cores, memory)).Outcome);
        var refused = await _quota.ReserveAsync(Guid.CreateVersion7(), cores, memory);
        Assert.Equal("refused", refused.Outcome);
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
        Assert.EndsWith("Delete a phone, or order a plan with more.", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(new QuotaUsage(room, room * cores, room * memory), refused.Usage);
        Assert.Equal(new QuotaRoom(5 - room, 16 - room * cores, 32 - room * memory), refused.Remaining);
        Assert.Null(refused.ValidUntil);
    }

    [Fact]
    public async Task Many_at_once_never_pass_the_limit()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(_ => _quota.ReserveAsync(Guid.CreateVersion7(), 1, 1)));
        Assert.Equal(5, answers.Count(a => a.Outcome == "reserved"));
        Assert.All(answers.Where(a => a.Outcome == "refused"), a => Assert.NotNull(a.Reason));
        Assert.All(answers, a => Assert.InRange(a.Usage.CurrentDevices, 1, 5));
        Assert.Equal(new QuotaUsage(5, 5, 5), await _quota.UsageAsync());
    }

    [Fact]
    public async Task Many_at_once_for_one_device_take_one_share()
    {
        var device = Guid.CreateVersion7();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _quota.ReserveAsync(device)));
        Assert.All(answers, a => Assert.Equal("reserved", a.Outcome));
        Assert.Equal(new QuotaUsage(1, 2, 4), await _quota.UsageAsync());
    }

    [Fact]
    public async Task A_reservation_ends_after_15_minutes_and_a_counted_phone_does_not()
    {
        var (counted, renewed, forgotten) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await _quota.ReserveAsync(counted);
        await _quota.ReserveAsync(renewed);
        await _quota.ReserveAsync(forgotten);
        await _quota.ReportAsync(counted, "increment");
        _clock.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(3, (await _quota.UsageAsync()).CurrentDevices);
        await _quota.ReserveAsync(renewed);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(new QuotaUsage(2, 4, 8), await _quota.UsageAsync());
        _clock.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(new QuotaUsage(1, 2, 4), await _quota.UsageAsync());
        Assert.Equal("reserved", (await _quota.ReserveAsync(forgotten)).Outcome);
        Assert.Equal(new QuotaUsage(2, 4, 8), await _quota.UsageAsync());
    }

    [Fact]
    public async Task Room_of_ended_reservations_is_given_to_the_next()
    {
        for (var i = 0; i < 5; i++)
            await _quota.ReserveAsync(Guid.CreateVersion7());
        Assert.Equal("refused", (await _quota.ReserveAsync(Guid.CreateVersion7())).Outcome);
        _clock.Advance(TimeSpan.FromMinutes(16));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(_ => _quota.ReserveAsync(Guid.CreateVersion7())));
        Assert.Equal(5, answers.Count(a => a.Outcome == "reserved"));
        Assert.Equal(new QuotaUsage(5, 10, 20), await _quota.UsageAsync());
    }

    [Fact]
    public async Task The_sweep_gives_back_without_anybody_asking()
    {
        await _quota.ReserveAsync(Guid.CreateVersion7());
        _clock.Advance(TimeSpan.FromMinutes(16));
        await Testing.Wait.UntilAsync("the sweep", async () =>
            await _service.InDatabaseAsync(db =>
                Task.FromResult(((UsersDb)db).Quotas.Single(q => q.UserId == _user).CurrentDevices)) == 0);
    }

    [Fact]
    public async Task A_device_of_another_user_or_size_is_no_reservation_of_ones_own()
    {
        var device = Guid.CreateVersion7();
        await _quota.ReserveAsync(device);
        using var other = new QuotaClient(_service, (await _service.AddUserAsync()).Id);
        await UserService.AssertProblemAsync(await other.TryReserveAsync(device), 409, "other-reservation");
        await UserService.AssertProblemAsync(await other.TryReportAsync(device, "decrement"), 409, "other-user");
        await UserService.AssertProblemAsync(await _quota.TryReserveAsync(device, cores: 3), 409, "other-reservation");
        Assert.Equal(0, (await other.UsageAsync()).CurrentDevices);
        Assert.Equal(new QuotaUsage(1, 2, 4), await _quota.UsageAsync());
    }

    [Fact]
    public async Task Nobody_is_refused_for_somebody_who_does_not_exist()
    {
        using var nobody = new QuotaClient(_service, Guid.CreateVersion7());
        var answer = await nobody.ReserveAsync(Guid.CreateVersion7());
        Assert.Equal(("refused", 0), (answer.Outcome, answer.Limits.MaxDevices));
        await UserService.AssertProblemAsync(await nobody.TryReportAsync(Guid.CreateVersion7(), "increment"), 404,
            "not-found");
        await UserService.AssertProblemAsync(await nobody.TryReportAsync(Guid.CreateVersion7(), "decrement"), 404,
            "not-found");
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(-1, 4)]
    [InlineData(257, 4)]
    [InlineData(2, 0)]
    [InlineData(2, int.MaxValue)]
    public async Task A_size_out_of_bounds_is_refused(int cores, int memory)
    {
        await UserService.AssertProblemAsync(await _quota.TryReserveAsync(Guid.CreateVersion7(), cores, memory), 400,
            "bad-request");
        await UserService.AssertProblemAsync(
            await _quota.TryReportAsync(Guid.CreateVersion7(), "increment", cores, memory), 400, "bad-request");
        await UserService.AssertProblemAsync(await _quota.TryReserveAsync(Guid.Empty), 400, "bad-request");
        Assert.Equal(new QuotaUsage(0, 0, 0), await _quota.UsageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _quota.Dispose();
        await _service.DisposeAsync();
    }
}
