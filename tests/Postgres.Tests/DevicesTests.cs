using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;

namespace CloudPhone.Postgres.Tests;

public sealed class DevicesTests(Server server)
{
    [Fact]
    public async Task Lists_are_read_and_events_about_phones_that_are_gone_are_taken()
    {
        await using var service = await server.StartAsync<Device>();
        var user = Guid.CreateVersion7();
        using var client = service.As(user);
        Assert.Empty(await client.ItemsAsync("/api/devices"));
        await client.GetAsync($"/api/devices/{Guid.CreateVersion7()}").JsonAsync(404);
        await service.DeliverAsync(new BillingBalanceExhausted(user, 0, "CNY", DateTimeOffset.UtcNow)).JsonAsync();
    }
}
