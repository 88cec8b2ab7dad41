using CloudPhone.Billing;
using CloudPhone.Billing.Charging;
using CloudPhone.Billing.Plans;
using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PaidMonths = CloudPhone.Billing.Plans.Subscriptions;

namespace CloudPhone.Postgres.Tests;

/// <summary>
/// Two days of some users' phones, the same for the same seed: events come late, doubled and in any order, between
/// steps of charging at odd times.
/// </summary>
sealed class ChargingHistory
{
    static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Length = TimeSpan.FromHours(40);
    readonly List<(DateTimeOffset At, Func<TestService<BillingDb>, Task> Do)> _acts = [];
    readonly Dictionary<Guid, double> _ran = [];
    readonly Guid[] _users = [NewId(1), NewId(2), NewId(3)];
    readonly Random _random;

    public ChargingHistory(int seed)
    {
        _random = new(seed);
        for (var n = 0; n < 6; n++)
            Live(NewId(100 + n), _users[n % _users.Length], Start.AddSeconds(_random.Next(3600)).AddMilliseconds(n));
        for (var at = Start; at < Start + Length;)
        {
            at += TimeSpan.FromSeconds(_random.Next(12) == 0 ? _random.Next(30_000) : _random.Next(30, 2_000));
            var (now, all) = (at, _random.Next(4) > 0);
            _acts.Add((at, service => ChargeAsync(service, all, now)));
        }
    }

    /// <summary>Milliseconds that each phone has run, by its own account.</summary>
    public IReadOnlyDictionary<Guid, double> Ran => _ran;

    public static DateTimeOffset End => Start + Length + TimeSpan.FromDays(1);

    public async Task RunAsync(TestService<BillingDb> service)
    {
        await HoldWorkerAsync(service);
        foreach (var (user, hours) in new[] { (_users[0], 3), (_users[1], 30) })
            await service.InDatabaseAsync(db => db.InTransactionAsync(async () =>
            {
                var plan = new Plan { Id = NewId(hours), Code = $"h{hours}", Name = "p", IncludedHours = hours };
                await PaidMonths.OpenAsync((BillingDb)db, user, NewId(50), plan, 1, Start.AddHours(5), default);
                return true;
            }, default));
        foreach (var (_, act) in _acts.OrderBy(a => a.At))
            await act(service);
        await ChargeAsync(service, true, End);
        Assert.Equal(0, await ChargeAsync(service, true, End));
    }

    public static async Task<long> ChargeAsync(TestService<BillingDb> service, bool all, DateTimeOffset now)
    {
        await using var scope = service.Services.CreateAsyncScope();
        return await ChargeStep.RunAsync(scope.ServiceProvider.GetRequiredService<BillingDb>(),
            scope.ServiceProvider.GetRequiredService<Outbox>(), all, now, default);
    }

    /// <summary>From now on only the test charges.</summary>
    public static Task HoldWorkerAsync(TestService<BillingDb> service) =>
        Wait.UntilAsync("the worker to be at rest", () => service.InDatabaseAsync(async db =>
            await db.Set<ChargingTurn>().Where(t => t.LeaseId == null && t.AllDueAt > DateTimeOffset.UnixEpoch)
                .ExecuteUpdateAsync(s => s.SetProperty(t => t.NextAttemptAt, (DateTimeOffset?)null)) == 1), 120);

    /// <summary>A phone's whole life. It is over at the end, so that its account is complete.</summary>
    void Live(Guid device, Guid user, DateTimeOffset at)
    {
        var (version, isOn, isWell, since) = (1L, false, true, at);
        Tell(new DeviceCreated(device, user, "p", "phone", 1 + _random.Next(4), 1 + _random.Next(8), NewId(9), at, 1));
        _ran[device] = 0;
        while (at < Start + Length)
        {
            at += TimeSpan.FromMilliseconds(_random.Next(8) == 0 ? _random.Next(40_000_000) : _random.Next(5_000_000));
            version += 1 + _random.Next(2);
            if (isOn && isWell)
                _ran[device] += (at - since).TotalMilliseconds;
            since = at;
            switch (isOn, isWell, _random.Next(3))
            {
                case (false, _, _):
                    Tell(new DeviceStarted(device, user, "p", 1 + _random.Next(4), 2, at, version, _random.Next(64)));
                    (isOn, isWell) = (true, true);
                    break;
                case (true, true, 0):
                    Tell(new DeviceError(device, user, "p", "CRASHED", "it fell", "HIGH", at, version));
                    isWell = false;
                    break;
                case (true, false, not 0):
                    Tell(new DeviceRecovered(device, user, "p", "restart", 1, at, version));
                    isWell = true;
                    break;
                default:
                    Tell(new DeviceStopped(device, user, "p", "user", at, version));
                    isOn = false;
                    break;
            }
        }
        if (isOn && isWell)
            _ran[device] += TimeSpan.FromMinutes(5).TotalMilliseconds;
        Tell(new DeviceDeleted(device, user, "p", 1, 1, at.AddMinutes(5), version + 1));

        void Tell<TEvent>(TEvent e) where TEvent : IEvent
        {
            for (var copies = 1 + _random.Next(2); copies > 0; copies--)
            {
                var late = _random.Next(3) == 0 ? _random.Next(20_000) : _random.Next(5);
                var id = $"{device}-{e.GetHashCode()}-{copies}";
                _acts.Add((at.AddSeconds(late), async service => await service.DeliverAsync(e, id).JsonAsync()));
            }
        }
    }

    static Guid NewId(int n) => new($"019a0000-0000-7000-9000-{n:D12}");
}
