using System.Net;
using CloudPhone.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Tests.Ledger;

public sealed class LedgerTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task Payments_add_and_charges_and_refunds_take_away_with_an_entry_for_each()
    {
        var user = await LedgerClient.NewAsync(service);
        Assert.Equal(0, await user.BalanceAsync());
        var (payment, charge, refund) = (user.Payment(100), user.Charge(0.123456m), user.Refund(10.5m));
        await user.TellAsync(payment);
        await user.TellAsync(charge);
        await user.TellAsync(refund);
        Assert.Equal(89.376544m, await user.BalanceAsync());
        var items = await user.StatementAsync();
        Assert.Equal(
            [
                (3, -10.5m, "refund", refund.RefundId, refund.RefundId),
                (2, -0.123456m, "usage", charge.ChargeId, null),
                (1, 100m, "payment", payment.PaymentId, payment.PaymentId),
            ],
            items.Select(i => (i.Version, i.Amount, i.Reason, i.CauseId, i.PaymentId)).ToArray());
        await user.TellAsync(user.Charge(-0.02m)); // a correction
        await user.TellAsync(user.Charge(0)); // included in the plan
        Assert.Equal(89.396544m, await user.BalanceAsync());
        Assert.Equal(
            [(0.02m, "usage-corrected"), (-10.5m, "refund"), (-0.123456m, "usage"), (100m, "payment")],
            (await user.StatementAsync()).Select(i => (i.Amount, i.Reason)));
    }

    [Fact]
    public async Task Every_event_doubled_and_shuffled_ends_in_the_same_balance()
    {
        var user = await LedgerClient.NewAsync(service);
        var tell = new List<Func<Task>>();
        for (var i = 1; i <= 12; i++)
        {
            var (payment, charge, refund) = (user.Payment(i), user.Charge(i / 100m), user.Refund(i / 10m));
            foreach (var sameId in new[] { true, true, false }) // a doubled delivery, and a doubled event
            {
                string Id(Guid cause) => sameId ? $"{cause}" : $"{Guid.NewGuid()}";
                tell.Add(() => user.TellAsync(payment, Id(payment.PaymentId)));
                tell.Add(() => user.TellAsync(charge, Id(charge.ChargeId)));
                tell.Add(() => user.TellAsync(refund, Id(refund.RefundId)));
            }
        }
        var order = tell.ToArray();
        new Random(5).Shuffle(order);
        foreach (var one in order)
            await one();
        Assert.Equal(78 - 0.78m - 7.8m, await user.BalanceAsync());
        Assert.Equal(36, (await user.StatementAsync()).Count);
    }

    [Fact]
    public async Task Fifty_at_once_lose_nothing()
    {
        var user = await LedgerClient.NewAsync(service);
        await Task.WhenAll(Enumerable.Range(1, 50).Select(i => Task.Run(() => (i % 2) switch
        {
            0 => user.TellAsync(user.Payment(i)),
            _ => user.TellAsync(user.Charge(i / 1000m)),
        })));
        Assert.Equal(650 - 0.625m, await user.BalanceAsync());
    }

    [Fact]
    public async Task The_same_payment_under_other_event_ids_at_once_counts_once()
    {
        var user = await LedgerClient.NewAsync(service);
        var payment = user.Payment(7);
        // those that come too early fail, and are delivered again
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => service.DeliverAsync(payment)));
        await user.TellAsync(payment);
        Assert.Equal(7, await user.BalanceAsync());
    }

    [Fact]
    public async Task What_can_not_be_posted_fails_with_its_reason_and_changes_nothing()
    {
        var user = await LedgerClient.NewAsync(service);
        var nobody = new LedgerClient(service, Guid.CreateVersion7());
        await RefuseAsync(nobody.Payment(5), "no account of user");
        await RefuseAsync(nobody.Refund(5), "no account of user");
        await RefuseAsync(nobody.Refund(5) with { TopUpEndsAt = DateTimeOffset.UtcNow }, "no account of user");
        await RefuseAsync(nobody.Refund(5) with { PlanEndsAt = DateTimeOffset.UtcNow }, "no account of user");
        await RefuseAsync(user.Payment(5) with { Currency = "USD" }, "the currency is USD");
        await RefuseAsync(user.Payment(-5), "the amount can't be -5");
        await RefuseAsync(user.Payment(0), "the amount can't be 0");
        await RefuseAsync(user.Payment(0.0000001m), "the amount can't be");
        await RefuseAsync(user.Refund(79_000_000_000_000m), "the amount can't be");
        await RefuseAsync(user.Charge(0.0000001m), "the amount can't be");
        await RefuseAsync(user.Payment(5) with { QuotaDays = -1 }, "-1 days");
        await RefuseAsync(user.Payment(5) with { PlanCode = "pro" }, "the plan pro has no price");
        Assert.Equal(0, await user.BalanceAsync());
        Assert.Empty(await user.StatementAsync());
    }

    [Fact]
    public async Task A_charge_that_nobody_owes_is_logged_and_no_dead_letter()
    {
        var nobody = new LedgerClient(service, Guid.CreateVersion7());
        var charge = nobody.Charge(1);
        await nobody.TellAsync(charge);
        Assert.Contains(service.LogLines, l => l.Contains($"{charge.ChargeId}", StringComparison.Ordinal)
            && l.Contains("nobody's", StringComparison.Ordinal));
    }

    async Task RefuseAsync<TEvent>(TEvent e, string reason) where TEvent : IEvent
    {
        var id = Guid.NewGuid().ToString();
        using var answer = await service.DeliverAsync(e, id);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        var failure = await service.InDatabaseAsync(db => db.HandlerFailures.SingleAsync(f => f.EventId == id));
        Assert.Contains(reason, failure.Error, StringComparison.Ordinal);
    }
}
