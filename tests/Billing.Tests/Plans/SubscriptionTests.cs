using System.Net.Http.Json;
using CloudPhone.Billing.Plans;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Tests.Plans;

public sealed class SubscriptionTests : IAsyncDisposable
{
    readonly TestService<BillingDb> _service = new();
    readonly Guid _user = Guid.CreateVersion7();
    static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    Task<int> OpenAsync(Guid order, int months, DateTimeOffset now, string code = "basic") =>
        _service.InDatabaseAsync(db => db.InTransactionAsync(async () =>
        {
            var plan = await db.Set<Plan>().SingleAsync(p => p.Code == code);
            await Subscriptions.OpenAsync((BillingDb)db, _user, order, plan, months, now, default);
            return 0;
        }, default));

    async Task<List<SubscriptionItem>> ListAsync(Guid user)
    {
        using var client = _service.As(user);
        return [.. (await client.GetFromJsonAsync<Page<SubscriptionItem>>("/api/billing/subscriptions"))!.Items
            .OrderBy(s => s.From)];
    }

    [Fact]
    public async Task A_renewed_plan_begins_where_the_old_one_ends_and_a_late_one_now()
    {
        await OpenAsync(Guid.CreateVersion7(), 2, Now);
        await OpenAsync(Guid.CreateVersion7(), 1, Now.AddDays(10), "pro");
        await OpenAsync(Guid.CreateVersion7(), 1, Now.AddDays(200));
        Assert.Equal(
            [(0, 30, 120 * 3600L), (30, 60, 120 * 3600L), (60, 90, 400 * 3600L), (200, 230, 120 * 3600L)],
            (await ListAsync(_user)).Select(
                s => ((int)(s.From - Now).TotalDays, (int)(s.Until - Now).TotalDays, s.IncludedSeconds)));
        Assert.Empty(await ListAsync(Guid.CreateVersion7()));
    }

    Task<int> EndAsync(Guid order, DateTimeOffset now) =>
        _service.InDatabaseAsync(db => db.InTransactionAsync(async () =>
        {
            await Subscriptions.EndAsync((BillingDb)db, _user, order, now, default);
            return 0;
        }, default));

    async Task<IEnumerable<(int From, int Until, long Hours)>> DaysAsync() => (await ListAsync(_user)).Select(s => (
        (int)(s.From - Now).TotalDays, (int)(s.Until - Now).TotalDays, s.IncludedSeconds / 3600));

    [Fact]
    public async Task What_is_refunded_ends_then_and_what_follows_begins()
    {
        var (first, second, third) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await OpenAsync(first, 2, Now);
        await OpenAsync(second, 1, Now, "pro");
        await OpenAsync(third, 2, Now);
        await EndAsync(second, Now.AddDays(5)); // it has not begun
        Assert.Equal([(0, 30, 120), (30, 60, 120), (60, 90, 120), (90, 120, 120)], await DaysAsync());
        await EndAsync(first, Now.AddDays(10));
        Assert.Equal([(0, 10, 120), (10, 40, 120), (40, 70, 120)], await DaysAsync());
        await EndAsync(first, Now.AddDays(11)); // doubled
        await OpenAsync(Guid.CreateVersion7(), 1, Now.AddDays(12));
        Assert.Equal([(0, 10, 120), (10, 40, 120), (40, 70, 120), (70, 100, 120)], await DaysAsync());
        await EndAsync(third, Now.AddDays(200)); // it is long over
        Assert.Equal(4, (await DaysAsync()).Count());
    }

    [Fact]
    public async Task An_order_counts_once_and_payments_at_once_follow_each_other()
    {
        Guid[] orders = [.. Enumerable.Range(0, 5).Select(_ => Guid.CreateVersion7())];
        await Task.WhenAll(orders.Concat(orders).Select(o => OpenAsync(o, 1, Now)));
        Assert.Equal(Enumerable.Range(0, 5).Select(n => Now.AddDays(30 * n)),
            (await ListAsync(_user)).Select(s => s.From));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
