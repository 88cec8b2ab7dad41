using System.Net;
using CloudPhone.Billing;
using CloudPhone.Contracts;

namespace CloudPhone.Postgres.Tests;

public sealed class BillingTests(Server server)
{
    static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A phone's life of two runs, the first with 15 s in error: 75 s, then 30 s.</summary>
    static Func<TestService<BillingDb>, Task<HttpResponseMessage>>[] Life(Guid device, Guid user) =>
    [
        s => s.DeliverAsync(new DeviceCreated(device, user, "p", "phone", 2, 4, Guid.Empty, At(0), 1), $"{device}-1"),
        s => s.DeliverAsync(new DeviceStarted(device, user, "p", 2, 4, At(10), 2), $"{device}-2"),
        s => s.DeliverAsync(new DeviceError(device, user, "p", "CRASHED", "it fell", "HIGH", At(40), 3), $"{device}-3"),
        s => s.DeliverAsync(new DeviceRecovered(device, user, "p", "restart", 1, At(55), 4), $"{device}-4"),
        s => s.DeliverAsync(new DeviceStopped(device, user, "p", "user", At(100), 5), $"{device}-5"),
        s => s.DeliverAsync(new DeviceStarted(device, user, "p", 2, 4, At(200), 6), $"{device}-6"),
        s => s.DeliverAsync(new DeviceDeleted(device, user, "p", 2, 4, At(230), 7), $"{device}-7"),
    ];

    static DateTimeOffset At(int second) => Start.AddSeconds(second);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_life_that_comes_shuffled_doubled_and_at_once_ends_in_the_same_bill(int seed)
    {
        await using var service = await server.StartAsync<BillingDb>();
        var random = new Random(seed);
        var user = Guid.CreateVersion7();
        for (var life = 0; life < 5; life++)
        {
            var device = Guid.CreateVersion7();
            var deliveries = Life(device, user).Concat(Life(device, user)).ToArray();
            random.Shuffle(deliveries);
            var answers = await Http.AtOnceAsync(deliveries.Length, i => deliveries[i](service));
            Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
            using var client = service.As(user);
            var records = await client.ItemsAsync($"/api/billing/usage?deviceId={device}&status=closed");
            Assert.Equal([30, 75], records.Select(r => r.GetProperty("seconds").GetInt32()).Order());
            // 0.5 + 2 · 0.1 + 4 · 0.05 an hour
            Assert.Equal([0.0075m, 0.01875m], records.Select(r => r.GetProperty("amount").GetDecimal()).Order());
        }
    }
}
