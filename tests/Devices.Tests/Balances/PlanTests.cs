using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;

namespace CloudPhone.Devices.Tests.Balances;

/// <summary>A plan ends an exhaustion, though the debt is above its price and the balance never positive.</summary>
public sealed class PlanTests
{
    static async Task DeliverAsync<TEvent>(DevicePlatform platform, TEvent e) where TEvent : IEvent =>
        Assert.Equal(HttpStatusCode.OK, (await platform.Service.DeliverAsync(e)).StatusCode);

    static BillingBalanceExhausted Exhausted(Guid user) => new(user, -400, "CNY", DateTimeOffset.UnixEpoch, 5);

    static UserBalanceUpdated Paid(Guid user) =>
        new(user, -101, 299, "CNY", "payment", DateTimeOffset.UnixEpoch, 6, Guid.CreateVersion7());

    static UserBalanceUpdated Bought(Guid user) => Paid(user) with
    {
        Balance = -400,
        Delta = -299,
        Reason = "plan",
        Version = 7,
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Phones_can_be_started_again(bool reordered)
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await DeliverAsync(platform, Exhausted(platform.User));
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        await DeliverAsync(platform, reordered ? Bought(platform.User) : Paid(platform.User));
        await DeliverAsync(platform, reordered ? Paid(platform.User) : Bought(platform.User));
        using var answer = await platform.Client.PostAsync($"/api/devices/{id}/start", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    [Fact]
    public async Task An_exhaustion_that_comes_late_stops_nothing()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        await DeliverAsync(platform, Paid(platform.User));
        await DeliverAsync(platform, Bought(platform.User));
        await DeliverAsync(platform, Exhausted(platform.User));
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
    }
}
