using System.Net;
using System.Net.Http.Json;
using CloudPhone.Billing.Tests.Charging;
using CloudPhone.Billing.Usage;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Billing.Tests.Usage;

public sealed class DailyUsageTests : IAsyncDisposable
{
    const int Hour = 3600;
    readonly FakeTimeProvider _clock = new(DeviceLife.Start); // noon of 22 November
    readonly TestService<BillingDb> _service = new();
    readonly DeviceLife _life = new(Guid.CreateVersion7());

    public DailyUsageTests() => _service.With(_clock);

    static async Task<List<(int Day, Guid Device, long Seconds, decimal Amount)>> ListAsync(
        HttpClient client, string query = "") =>
        [.. (await client.GetFromJsonAsync<Page<DailyUsageItem>>($"/api/billing/usage/daily?{query}"))!.Items
            .Select(d => (d.Day.Day, d.DeviceId, d.Seconds, d.Amount))];

    [Fact]
    public async Task Days_end_at_midnight_of_UTC_also_where_charging_was_away_for_long()
    {
        await _service.HoldWorkerAsync();
        var other = new DeviceLife(_life.UserId).Created(0).Started(20 * Hour).Stopped(21 * Hour);
        await _life.Created(0).Started(0).Stopped(39 * Hour).DeliverAllAsync(_service);
        await other.DeliverAllAsync(_service);
        await _service.ChargeAsync(_clock, 40 * Hour);
        using var user = _service.As(_life.UserId);
        Assert.Equal(
            [(24, _life.Id, 3 * Hour, 2.7m), (23, _life.Id, 24 * Hour, 21.6m), (23, other.Id, Hour, 0.9m),
                (22, _life.Id, 12 * Hour, 10.8m)],
            (await ListAsync(user)).OrderByDescending(d => d.Day).ThenByDescending(d => d.Seconds));
        Assert.Equal([24, 23, 22], (await ListAsync(user, $"deviceId={_life.Id}")).Select(d => d.Day));
        Assert.Equal([23], (await ListAsync(user, $"deviceId={_life.Id}&from=2026-11-23&to=2026-11-23"))
            .Select(d => d.Day));
        var first = await user.GetFromJsonAsync<Page<DailyUsageItem>>("/api/billing/usage/daily?limit=3");
        Assert.Equal([22], (await ListAsync(user, $"limit=3&cursor={first!.NextCursor}")).Select(d => d.Day));
        var charges = await _service.ChargesAsync(_life);
        Assert.Equal(charges.Select(c => c.To).SkipLast(1), charges.Select(c => c.From).Skip(1));
    }

    [Fact]
    public async Task Many_charges_of_a_day_are_one_row()
    {
        await _service.HoldWorkerAsync();
        await _life.Created(0).Started(0).DeliverAllAsync(_service);
        for (var second = 60; second <= 600; second += 60)
            await _service.ChargeAsync(_clock, second);
        using var user = _service.As(_life.UserId);
        Assert.Equal([(22, _life.Id, 600, 0.15m)], await ListAsync(user));
    }

    [Fact]
    public async Task Users_see_their_own_and_wrong_queries_are_refused()
    {
        await _service.HoldWorkerAsync();
        await _life.Created(0).Started(0).DeliverAllAsync(_service);
        await _service.ChargeAsync(_clock, 60);
        using var stranger = _service.As(Guid.CreateVersion7());
        Assert.Empty(await ListAsync(stranger, $"deviceId={_life.Id}"));
        Assert.Empty(await ListAsync(stranger, $"userId={_life.UserId}"));
        using var op = _service.As(Guid.CreateVersion7(), Roles.Operator);
        Assert.Single(await ListAsync(op, $"userId={_life.UserId}"));
        foreach (var query in new[] { "from=yesterday", "from=2026-11-23&to=2026-11-22", "deviceId=x", "limit=1000" })
            Assert.Equal(HttpStatusCode.BadRequest,
                (await stranger.GetAsync($"/api/billing/usage/daily?{query}")).StatusCode);
        using var anonymous = _service.Anonymous();
        foreach (var path in new[] { "usage/daily", "running" })
            Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync($"/api/billing/{path}")).StatusCode);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
