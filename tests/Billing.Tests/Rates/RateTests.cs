using System.Net.Http.Json;
using CloudPhone.Billing.Rates;
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

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
