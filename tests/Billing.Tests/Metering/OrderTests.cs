using CloudPhone.Billing.Usage;
using CloudPhone.Testing;

namespace CloudPhone.Billing.Tests.Metering;

/// <summary>Events come late, doubled and in any order; the bill is the same.</summary>
public sealed class OrderTests : IAsyncDisposable
{
    readonly TestService<BillingDb> _service = new();

    static DeviceLife ShortLife() =>
        new DeviceLife(Guid.CreateVersion7()).Created(0).Started(10).Error(40).Recovered(55).Stopped(100);

    static DeviceLife LongLife() => new DeviceLife(Guid.CreateVersion7())
        .Created(0).Started(10).Error(40).Recovered(55).Stopped(100).Started(90).Started(200).Error(210).Stopped(230)
        .Started(300).Stopped(311).Started(400).Failed(444).Recovered(500).Error(510).Recovered(520).Deleted(600);

    [Fact]
    public async Task Every_order_of_a_life_ends_in_the_same_records()
    {
        var expected = await BillInOrderAsync(ShortLife());
        foreach (var order in Permutations([0, 1, 2, 3, 4]))
        {
            var life = ShortLife();
            foreach (var n in order)
                await life.DeliverAsync(_service, n);
            Assert.Equal(expected, await BillAsync(life), (a, b) => a.SequenceEqual(b));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_long_life_shuffled_and_doubled_ends_in_the_same_records(int seed)
    {
        var expected = await BillInOrderAsync(LongLife());
        var random = new Random(seed);
        for (var round = 0; round < 6; round++)
        {
            var life = LongLife();
            var deliveries = Enumerable.Range(0, life.Count * 2).Select(i => (N: i % life.Count, Copy: random.Next(2)))
                .ToArray();
            random.Shuffle(deliveries);
            foreach (var (n, copy) in deliveries)
                await life.DeliverAsync(_service, n, copy);
            var bill = await BillAsync(life);
            Assert.True(expected.SequenceEqual(bill),
                $"{string.Join(",", deliveries)}\n{string.Join("\n", expected)}\n{string.Join("\n", bill)}");
        }
    }

    [Fact]
    public async Task Events_that_come_at_the_same_time_take_turns()
    {
        var life = LongLife();
        await Task.WhenAll(Enumerable.Range(0, life.Count).Reverse().Select(n => life.DeliverAsync(_service, n)));
        Assert.Equal(await BillInOrderAsync(LongLife()), await BillAsync(life));
    }

    async Task<List<UsageItem>> BillInOrderAsync(DeviceLife life)
    {
        await life.DeliverAllAsync(_service);
        return await BillAsync(life);
    }

    /// <summary>The records without what tells the devices apart, and without what depends on when they were
    /// charged.</summary>
    async Task<List<UsageItem>> BillAsync(DeviceLife life) =>
        [.. (await _service.UsageAsync(life)).OrderBy(u => u.StartedAt).ThenBy(u => u.StoppedAt)
            .Select(u => u with
            {
                Id = Guid.Empty,
                DeviceId = Guid.Empty,
                UserId = Guid.Empty,
                Charged = 0,
                ChargedUntil = null,
            })];

    static IEnumerable<int[]> Permutations(int[] items) => items.Length <= 1 ? [items]
        : items.SelectMany(first =>
            Permutations([.. items.Where(i => i != first)]).Select(rest => (int[])[first, .. rest]));

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
