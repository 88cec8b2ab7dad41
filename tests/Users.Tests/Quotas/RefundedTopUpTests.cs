using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Users.Quotas;
using CloudPhone.Users.Tests.Ledger;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.Quotas;

/// <summary>A top-up that went back whole takes its days of validity with it, as far as they are not over.</summary>
public sealed class RefundedTopUpTests : IAsyncLifetime
{
    readonly FakeTimeProvider _clock = new(
        DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
    readonly UserService _service = new();
    DateTimeOffset _start;
    LedgerClient _user = null!;
    BillingPaymentSuccess _payment = null!;

    public async ValueTask InitializeAsync()
    {
        _service.With(_clock);
        _start = _clock.GetUtcNow();
        _user = await LedgerClient.NewAsync(_service);
        _payment = _user.Payment(50, days: 30);
        await SetEndAsync(10);
    }

    async Task SetEndAsync(int day)
    {
        using var op = _service.As(Guid.CreateVersion7(), "operator");
        (await op.PutAsJsonAsync(
            $"/api/quotas/user/{_user.UserId}", new SetQuotaRequest(5, 16, 32, _start.AddDays(day))))
            .EnsureSuccessStatusCode();
    }

    BillingPaymentRefunded Refund(bool isWhole = true) => _user.Refund(50) with
    {
        PaymentId = _payment.PaymentId,
        TopUpEndsAt = isWhole ? _clock.GetUtcNow() : null,
    };

    BillingRefundFailed Failure(BillingPaymentRefunded e) =>
        new(e.RefundId, e.PaymentId, e.OrderId, e.UserId, e.Amount, e.Currency, "r", _clock.GetUtcNow());

    async Task<double> EndAsync() => ((await _service.QuotaAsync(_user.UserId)).ValidUntil! - _start).Value.TotalDays;

    [Theory]
    [InlineData(5, 10)]
    [InlineData(20, 20)] // 20 days are over, and nothing of them can go back
    [InlineData(50, 40)] // all are over
    public async Task It_ends_where_it_did_before_or_now(int day, double expected)
    {
        await _user.TellAsync(_payment);
        Assert.Equal(40, await EndAsync());
        _clock.Advance(TimeSpan.FromDays(day));
        var refund = Refund();
        await _user.TellAsync(refund);
        await _user.TellAsync(refund);
        Assert.Equal((expected, 0), (await EndAsync(), await _user.BalanceAsync()));
    }

    [Fact]
    public async Task A_part_that_goes_back_leaves_the_days()
    {
        await _user.TellAsync(_payment);
        await _user.TellAsync(Refund(isWhole: false));
        Assert.Equal(40, await EndAsync());
    }

    /// <summary>Payment, refund and its failure, in whichever order they are told.</summary>
    [Theory]
    [InlineData("payment refund", 10)]
    [InlineData("refund payment", 10)]
    [InlineData("payment refund failure", 40)]
    [InlineData("payment failure refund", 40)]
    [InlineData("refund failure payment", 40)]
    [InlineData("failure refund payment", 40)]
    [InlineData("refund payment failure", 40)]
    public async Task The_order_of_events_changes_nothing(string order, double expected)
    {
        var refund = Refund();
        foreach (var word in order.Split(' '))
            await (word switch
            {
                "payment" => _user.TellAsync(_payment),
                "refund" => _user.TellAsync(refund),
                _ => _user.TellAsync(Failure(refund)),
            });
        Assert.Equal((expected, expected == 40 ? 50 : 0), (await EndAsync(), await _user.BalanceAsync()));
    }

    [Theory]
    [InlineData(5, 40)]
    [InlineData(20, 40)] // only what was left of the 30 days had been taken
    [InlineData(50, 40)] // nothing had
    public async Task A_refund_that_fails_gives_again_what_it_took(int day, double expected)
    {
        await _user.TellAsync(_payment);
        _clock.Advance(TimeSpan.FromDays(day));
        var refund = Refund();
        await _user.TellAsync(refund);
        _clock.Advance(TimeSpan.FromDays(5));
        var failure = Failure(refund);
        await _user.TellAsync(failure);
        await _user.TellAsync(failure);
        Assert.Equal((expected, 50), (await EndAsync(), await _user.BalanceAsync()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // and before its payment
    public async Task A_refund_that_is_told_late_takes_what_was_left_when_it_was_done(bool isFirst)
    {
        if (!isFirst)
            await _user.TellAsync(_payment);
        _clock.Advance(TimeSpan.FromDays(5));
        var refund = Refund();
        _clock.Advance(TimeSpan.FromDays(isFirst ? 1 : 20));
        await _user.TellAsync(refund);
        if (isFirst)
            await _user.TellAsync(_payment);
        Assert.Equal((10, 0), (await EndAsync(), await _user.BalanceAsync()));
    }

    /// <summary>The second makes it whole, and the first fails: then it is not whole any more.</summary>
    [Fact]
    public async Task Of_two_refunds_the_failure_of_either_gives_the_days_again()
    {
        await _user.TellAsync(_payment);
        var part = Refund(isWhole: false) with { Amount = 20 };
        await _user.TellAsync(part);
        Assert.Equal(40, await EndAsync());
        _clock.Advance(TimeSpan.FromDays(1));
        var rest = Refund() with { Amount = 30 };
        await _user.TellAsync(rest);
        Assert.Equal(10, await EndAsync());
        _clock.Advance(TimeSpan.FromDays(1));
        await _user.TellAsync(Failure(part));
        Assert.Equal((40, 20), (await EndAsync(), await _user.BalanceAsync()));
        await _user.TellAsync(rest); // told again
        Assert.Equal(40, await EndAsync());
        _clock.Advance(TimeSpan.FromDays(1));
        await _user.TellAsync(Refund() with { Amount = 20 }); // and whole again
        Assert.Equal((10, 0), (await EndAsync(), await _user.BalanceAsync()));
    }

    [Fact]
    public async Task What_a_refund_took_is_no_part_of_an_end_that_an_operator_has_set_since()
    {
        await _user.TellAsync(_payment);
        var refund = Refund();
        await _user.TellAsync(refund);
        await SetEndAsync(60);
        await _user.TellAsync(Failure(refund));
        Assert.Equal(60, await EndAsync());
    }

    [Fact]
    public async Task An_end_that_an_operator_has_set_since_stays()
    {
        await _user.TellAsync(_payment);
        await SetEndAsync(60);
        var refund = Refund();
        await _user.TellAsync(refund);
        Assert.Equal(60, await EndAsync());
        await _user.TellAsync(Failure(refund));
        Assert.Equal(60, await EndAsync());
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
