using CloudPhone.Billing;
using CloudPhone.Billing.Charging;
using CloudPhone.Billing.Metering;
using CloudPhone.Billing.Plans;
using CloudPhone.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Postgres.Tests;

public sealed class ChargingTests(Server server)
{
    static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Both_databases_charge_the_same_and_the_sum_is_what_the_phones_ran(int seed)
    {
        var clock = new FakeTimeProvider(Start);
        await using var postgres = (await server.StartAsync<BillingDb>()).With(clock);
        await using var sqlite = new TestService<BillingDb>().With(clock);
        var history = new ChargingHistory(seed);
        await history.RunAsync(postgres);
        await history.RunAsync(sqlite);
        var charges = await ChargesAsync(postgres);
        Assert.Equal(Comparable(await ChargesAsync(sqlite)), Comparable(charges));
        Assert.Equal(await DaysAsync(sqlite), await DaysAsync(postgres));
        Assert.Equal(await UsedAsync(sqlite), await UsedAsync(postgres));
        Assert.Contains(charges, c => c.Seconds < 0);
        Assert.Contains(charges, c => c.IncludedSeconds > 0);
        await CheckAsync(postgres, charges);
        await CheckAsync(sqlite, await ChargesAsync(sqlite));
        foreach (var (device, ran) in history.Ran)
        {
            var runs = charges.Where(c => c.DeviceId == device).Select(c => c.UsageId).Distinct().Count();
            var charged = charges.Where(c => c.DeviceId == device).Sum(c => c.Seconds);
            Assert.InRange(charged, ran / 1000 - runs, ran / 1000); // whole seconds of each run
        }
    }

    /// <summary>Intervals of a record leave no gap and never overlap, and what was charged is what it costs.</summary>
    static async Task CheckAsync(TestService<BillingDb> service, List<BillingUsageCharged> charges)
    {
        var records = await service.InDatabaseAsync(db => db.Set<UsageRecord>().AsNoTracking().ToListAsync());
        foreach (var record in records)
        {
            var own = charges.Where(c => c.UsageId == record.Id).OrderBy(c => c.From).ThenBy(c => c.To).ToList();
            Assert.Equal(own.Select(c => c.To).SkipLast(1), own.Select(c => c.From).Skip(1));
            Assert.Equal((record.ChargedSeconds, record.IncludedSeconds, record.ChargedAmount),
                (own.Sum(c => c.Seconds), own.Sum(c => c.IncludedSeconds ?? 0), own.Sum(c => c.Amount)));
            Assert.Equal((record.Seconds(ChargingHistory.End), record.Amount(ChargingHistory.End)),
                (record.ChargedSeconds, record.ChargedAmount));
        }
    }

    [Fact]
    public async Task Steps_and_events_at_once_on_two_replicas_charge_nothing_twice()
    {
        var url = await server.CreateDatabaseAsync();
        var clock = new FakeTimeProvider(Start);
        await using var one = Server.On<BillingDb>(url).With(clock);
        await using var two = Server.On<BillingDb>(url).With(clock);
        await ChargingHistory.HoldWorkerAsync(one);
        var user = Guid.CreateVersion7();
        Guid[] devices = [.. Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7())];
        foreach (var device in devices)
            await one.DeliverAsync(new DeviceStarted(device, user, "p", 2, 4, Start, 2)).JsonAsync();
        await Http.AtOnceAsync(60, async i =>
        {
            var service = i % 2 == 0 ? one : two;
            if (i < devices.Length)
                await service.DeliverAsync(
                    new DeviceStopped(devices[i], user, "p", "user", Start.AddSeconds(100 + i), 3)).JsonAsync();
            else
                await ChargingHistory.ChargeAsync(service, i % 3 > 0, Start.AddSeconds(80 + i));
            return true;
        });
        await ChargingHistory.ChargeAsync(one, true, ChargingHistory.End);
        var charges = await ChargesAsync(one);
        Assert.Equal(devices.Select((_, i) => 100L + i),
            devices.Select(d => charges.Where(c => c.DeviceId == d).Sum(c => c.Seconds)));
        await CheckAsync(one, charges);
    }

    static async Task<List<BillingUsageCharged>> ChargesAsync(TestService<BillingDb> service) =>
        [.. await service.PublishedAsync<BillingUsageCharged>()];

    /// <summary>Without the ids, which differ.</summary>
    static List<string> Comparable(List<BillingUsageCharged> charges) =>
        [.. charges.Select(c => $"{c.DeviceId} {c.From:O} {c.To:O} {c.Seconds} {c.IncludedSeconds} {c.Amount:0.000000}")
            .Order(StringComparer.Ordinal)];

    static Task<List<(Guid, DateOnly, long, long, decimal)>> DaysAsync(TestService<BillingDb> service) =>
        service.InDatabaseAsync(async db => (await db.Set<DailyUsage>().AsNoTracking().ToListAsync())
            .OrderBy(d => d.Day).ThenBy(d => d.DeviceId)
            .Select(d => (d.DeviceId, d.Day, d.Seconds, d.IncludedSeconds, d.Amount)).ToList());

    static Task<List<long>> UsedAsync(TestService<BillingDb> service) =>
        service.InDatabaseAsync(db => db.Set<Subscription>().OrderBy(s => s.IncludedSeconds)
            .Select(s => s.UsedSeconds).ToListAsync());
}
