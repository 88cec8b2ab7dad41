using System.Net.Http.Json;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Tests.Payments;
using CloudPhone.Billing.Tests.Refunds;
using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Tests.Plans;

public sealed class PlanNoticeTests : IAsyncLifetime
{
    FakeLedger _users = null!;
    PayService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _users = await FakeLedger.StartAsync();
        _service = new(_users.Setting);
    }

    async Task<Guid> PlanAsync(string code)
    {
        using var client = _service.As(_service.User);
        return (await client.GetFromJsonAsync<Page<PlanItem>>("/api/billing/plans"))!.Items
            .Single(p => p.Code == code).Id;
    }

    [Fact]
    public async Task Who_orders_less_than_there_is_or_what_begins_later_is_told_so()
    {
        var (basic, pro) = (await PlanAsync("basic"), await PlanAsync("pro"));
        Assert.Null((await _service.OrderAsync(new { amount = 10 })).Notice);
        var first = await _service.OrderAsync(new { planId = pro });
        Assert.Null(first.Notice);
        await _service.TellAsync(first);
        _users.Limits = new { maxDevices = 20, totalCpuCores = 64, totalMemoryGB = 128 };
        Assert.Equal("Basic allows 5 phones, 16 cores and 32 GB of memory, less than the 20 phones, 64 cores and "
            + "128 GB of memory that you have now. It begins when the plan before it ends, at 2026-12-22 12:00 UTC.",
            (await _service.OrderAsync(new { planId = basic })).Notice);
        Assert.StartsWith("It begins when", (await _service.OrderAsync(new { planId = pro })).Notice);
    }

    [Fact]
    public async Task An_order_does_not_need_it()
    {
        _users.IsAway = true;
        Assert.Null((await _service.OrderAsync(new { planId = await PlanAsync("basic") })).Notice);
    }

    [Fact]
    public async Task A_small_top_up_extends_no_quota()
    {
        foreach (var amount in (decimal[])[9.99m, 10])
            await _service.TellAsync(await _service.OrderAsync(new { amount }));
        Assert.Equal([(9.99m, 0), (10m, 30)],
            (await _service.PaidAsync()).OrderBy(e => e.Amount).Select(e => (e.Amount, e.QuotaDays)));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _users.DisposeAsync();
    }
}
