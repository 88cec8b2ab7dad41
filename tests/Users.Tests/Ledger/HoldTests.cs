using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Users.Ledger;

namespace CloudPhone.Users.Tests.Ledger;

public sealed class HoldTests(UserService service) : IClassFixture<UserService>
{
    [Fact]
    public async Task A_refund_is_held_once_and_its_event_adds_nothing()
    {
        var user = await LedgerClient.NewAsync(service);
        await user.TellAsync(user.Payment(20));
        var refund = Guid.CreateVersion7();
        for (var i = 0; i < 3; i++)
            Assert.Equal("held", await user.HoldAsync(refund, 15));
        Assert.Equal(5, await user.BalanceAsync());
        await user.TellAsync(user.Refund(15, refund));
        await user.TellAsync(user.Refund(15, refund));
        Assert.Equal(5, await user.BalanceAsync());
    }

    [Fact]
    public async Task What_was_released_is_back_once_and_is_not_held_again()
    {
        var user = await LedgerClient.NewAsync(service);
        await user.TellAsync(user.Payment(20));
        var refund = Guid.CreateVersion7();
        Assert.Equal("not-held", await user.ReleaseAsync(refund));
        await user.HoldAsync(refund, 15);
        for (var i = 0; i < 2; i++)
            Assert.Equal("released", await user.ReleaseAsync(refund));
        Assert.Equal("released", await user.HoldAsync(refund, 15));
        Assert.Equal(20, await user.BalanceAsync());
        Assert.Equal(["refund-released", "refund", "payment"], (await user.StatementAsync()).Select(i => i.Reason));
        using var late = await service.DeliverAsync(user.Refund(15, refund));
        Assert.Equal(HttpStatusCode.InternalServerError, late.StatusCode); // an operator has to look at it
    }

    /// <summary>Held or not, in either order and each of them twice.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task A_refund_that_failed_after_all_is_in_the_balance_again(bool isHeld, bool failureFirst)
    {
        var user = await LedgerClient.NewAsync(service);
        await user.TellAsync(user.Payment(20));
        var refund = user.Refund(15, Guid.CreateVersion7());
        if (isHeld)
            await user.HoldAsync(refund.RefundId, 15);
        var failed = new BillingRefundFailed(
            refund.RefundId, refund.PaymentId, refund.OrderId, user.UserId, 15, "CNY", "r", refund.RefundedAt);
        for (var n = 0; n < 2; n++)
        {
            if (failureFirst)
                await user.TellAsync(failed);
            await user.TellAsync(refund);
            if (!failureFirst)
                await user.TellAsync(failed);
        }
        Assert.Equal(20, await user.BalanceAsync());
        Assert.Equal([(15m, "refund-released"), (-15m, "refund"), (20m, "payment")],
            (await user.StatementAsync()).Select(i => (i.Amount, i.Reason)));
    }

    [Fact]
    public async Task Only_what_is_there_can_be_held()
    {
        var user = await LedgerClient.NewAsync(service);
        await user.TellAsync(user.Payment(20));
        Assert.Equal("insufficient", await user.HoldAsync(Guid.CreateVersion7(), 20.000001m));
        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => user.HoldAsync(Guid.CreateVersion7(), 3)));
        Assert.Equal(6, outcomes.Count(o => o == "held"));
        Assert.Equal(44, outcomes.Count(o => o == "insufficient"));
        Assert.Equal(2, await user.BalanceAsync());
        var nobody = new LedgerClient(service, Guid.CreateVersion7());
        Assert.Equal("unknown-user", await nobody.HoldAsync(Guid.CreateVersion7(), 1));
    }

    [Fact]
    public async Task The_same_refund_fifty_times_at_once_is_held_and_released_once()
    {
        var user = await LedgerClient.NewAsync(service);
        await user.TellAsync(user.Payment(20));
        var refund = Guid.CreateVersion7();
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => user.HoldAsync(refund, 3))),
            o => Assert.Equal("held", o));
        Assert.Equal(17, await user.BalanceAsync());
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => user.ReleaseAsync(refund)));
        Assert.Equal(20, await user.BalanceAsync());
    }

    [Fact]
    public async Task A_wrong_hold_is_refused_and_changes_nothing()
    {
        var (user, other) = (await LedgerClient.NewAsync(service), await LedgerClient.NewAsync(service));
        await user.TellAsync(user.Payment(20));
        await other.TellAsync(other.Payment(20));
        var refund = Guid.CreateVersion7();
        await user.HoldAsync(refund, 5);
        using var billing = service.AsService(AppIds.Billing);
        var good = new HoldRequest(user.UserId, Guid.CreateVersion7(), 5, "CNY");
        foreach (var bad in new[]
        {
            good with { Amount = 0 }, good with { Amount = -1 }, good with { Amount = 0.0000001m },
            good with { Amount = decimal.MaxValue }, good with { Currency = "USD" }, good with { UserId = Guid.Empty },
            good with { RefundId = Guid.Empty },
        })
            await UserService.AssertProblemAsync(
                await billing.PostAsJsonAsync("/internal/ledger/hold", bad), 400, "bad-request");
        foreach (var bad in new[]
        {
            good with { RefundId = refund, Amount = 6 }, good with { RefundId = refund, UserId = other.UserId },
        })
            await UserService.AssertProblemAsync(
                await billing.PostAsJsonAsync("/internal/ledger/hold", bad), 409, "other-refund");
        Assert.Equal(15, await user.BalanceAsync());
        Assert.Equal(20, await other.BalanceAsync());
    }

    [Fact]
    public async Task Only_services_hold_and_release()
    {
        var user = await LedgerClient.NewAsync(service);
        using var client = service.As(user.UserId, "admin");
        using var anonymous = service.Anonymous();
        foreach (var path in new[] { "/internal/ledger/hold", "/internal/ledger/release" })
            foreach (var caller in new[] { client, anonymous })
            {
                using var answer = await caller.PostAsJsonAsync(path, new { });
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            }
    }
}
