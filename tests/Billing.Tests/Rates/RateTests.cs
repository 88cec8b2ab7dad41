using System.Net;
using System.Net.Http.Json;
using CloudPhone.Billing.Rates;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Billing.Tests.Rates;

public sealed class RateTests : IAsyncDisposable
{
    readonly TestService<BillingDb> _service = new();

    [Fact]
    public async Task The_rate_card_can_be_read()
    {
        using var user = _service.As(Guid.CreateVersion7());
        var rates = await user.GetFromJsonAsync<Page<RateItem>>("/api/billing/rates");
        var rate = Assert.Single(rates!.Items);
        Assert.Equal((0.5m, 0.1m, 0.05m, "CNY"), (rate.BasePerHour, rate.PerCoreHour, rate.PerGBHour, rate.Currency));
    }

    [Fact]
    public async Task A_run_is_priced_by_the_rates_of_its_start()
    {
        await _service.InDatabaseAsync(async db =>
        {
            db.Add(new Rate
            {
                Id = Guid.CreateVersion7(), ValidFrom = DeviceLife.At(100), Currency = "CNY",
                BasePerHour = 1, PerCoreHour = 1, PerGBHour = 1,
            });
            return await db.SaveChangesAsync();
        });
        var life = new DeviceLife(Guid.CreateVersion7()).Created(0).Started(99).Stopped(160).Started(200).Stopped(260);
        await life.DeliverAllAsync(_service);
        Assert.Equal([7m, 0.9m], (await _service.UsageAsync(life)).Select(u => u.PricePerHour));
    }

    static readonly TimeSpan Ahead = TimeSpan.FromHours(1);

    static object Prices(DateTimeOffset validFrom, decimal basePerHour = 1) => new
    {
        validFrom, basePerHour, perCoreHour = 0.2m, perGBHour = 0.1m, perStorageGBHour = 0.02m,
    };

    [Fact]
    public async Task An_admin_sets_new_prices_ahead_of_time()
    {
        using var admin = _service.As(Guid.CreateVersion7(), Roles.Admin);
        var from = DateTimeOffset.UtcNow + Ahead;
        using var answer = await admin.PostAsJsonAsync("/api/billing/rates", Prices(from));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        using var twice = await admin.PostAsJsonAsync("/api/billing/rates", Prices(from, 2));
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        var rates = (await admin.GetFromJsonAsync<Page<RateItem>>("/api/billing/rates"))!.Items;
        Assert.Equal([(1m, 0.02m), (0.5m, 0.01m)], rates.Select(r => (r.BasePerHour, r.PerStorageGBHour)));
    }

    [Fact]
    public async Task Wrong_prices_and_wrong_callers_change_nothing()
    {
        using var admin = _service.As(Guid.CreateVersion7(), Roles.Admin);
        var now = DateTimeOffset.UtcNow;
        foreach (var wrong in new[] { Prices(now), Prices(now - Ahead), Prices(now.AddYears(20)),
            Prices(now + Ahead, -1), Prices(now + Ahead, 0.0000001m), Prices(now + Ahead, 1e20m) })
            Assert.Equal(HttpStatusCode.BadRequest,
                (await admin.PostAsJsonAsync("/api/billing/rates", wrong)).StatusCode);
        foreach (var (client, status) in new[]
        {
            (_service.Anonymous(), HttpStatusCode.Unauthorized),
            (_service.As(Guid.CreateVersion7()), HttpStatusCode.Forbidden),
            (_service.As(Guid.CreateVersion7(), Roles.Operator), HttpStatusCode.Forbidden),
        })
            Assert.Equal(status, (await client.PostAsJsonAsync("/api/billing/rates", Prices(now + Ahead))).StatusCode);
        Assert.Single((await admin.GetFromJsonAsync<Page<RateItem>>("/api/billing/rates"))!.Items);
    }

    [Fact]
    public async Task Storage_is_priced_where_the_event_tells_of_it()
    {
        var (device, user) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await _service.DeliverAsync(
            new DeviceStarted(device, user, "p", 2, 4, DeviceLife.At(0), 2, StorageGB: 50));
        using var client = _service.As(user);
        Assert.Equal(1.4m, Assert.Single((await client.UsageAsync("")).Items).PricePerHour);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
