using System.Net;
using System.Text.Json.Nodes;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Refunds;
using CloudPhone.Billing.Tests.Invoices;
using CloudPhone.Billing.Tests.Refunds;
using CloudPhone.Contracts;

namespace CloudPhone.Billing.Tests.Payments;

/// <summary>Stripe promises no order of its events: whichever comes first, the end is the same.</summary>
public sealed class StripeOrderTests : IAsyncLifetime
{
    FakeStripe _stripe = null!;
    FakeLedger _ledger = null!;
    PayService _service = null!;

    public async ValueTask InitializeAsync()
    {
        (_stripe, _ledger) = (await FakeStripe.StartAsync(), await FakeLedger.StartAsync());
        _service = new([_ledger.Setting, .. _stripe.Settings]);
    }

    JsonObject Paid => _stripe.Pay(Assert.Single(_stripe.Sessions.Values)["id"]!.ToString());

    async Task<HttpResponseMessage> SendAsync(string type, JsonObject about)
    {
        var body = FakeStripe.Event(type, about);
        return await _service.CallBackAsync(
            body, _service.Sign(body, secret: FakeStripe.WebhookSecret), "stripe", "Stripe-Signature");
    }

    async Task<string> TellAsync(string type, JsonObject about)
    {
        using var answer = await SendAsync(type, about);
        return await PayService.OutcomeAsync(answer);
    }

    [Fact]
    public async Task A_refund_before_its_payment_is_told_again()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        var paid = Paid;
        var refund = _stripe.NewRefund(paid["payment_intent"]!.ToString(), 1000);
        using (var early = await SendAsync("refund.created", refund))
            Assert.Equal("too-early", await PayService.ProblemAsync(early, HttpStatusCode.Conflict));
        Assert.Empty((await _service.GetAsync(order.OrderId)).Refunds);

        Assert.Equal("applied", await TellAsync("checkout.session.completed", paid));
        Assert.Equal("applied", await TellAsync("refund.created", refund));
        Assert.Equal("duplicate", await TellAsync("refund.updated", refund));
        Assert.Equal(OrderStatus.Refunded, (await _service.GetAsync(order.OrderId)).Status);
        Assert.Single(await _service.PublishedAsync<BillingPaymentRefunded>());
    }

    [Fact]
    public async Task Whose_money_it_was_is_asked_until_Stripe_says_it()
    {
        await _service.OrderAsync(new { amount = 10 });
        var refund = _stripe.NewRefund(Paid["payment_intent"]!.ToString(), 1000);
        _stripe.Failures = 2; // both tries
        using (var away = await SendAsync("refund.created", refund))
            Assert.Equal("payment-provider-away",
                await PayService.ProblemAsync(away, HttpStatusCode.ServiceUnavailable));
        Assert.Equal("ignored", await TellAsync("refund.created", _stripe.NewRefund("pi_of_others", 5)));
    }

    /// <summary>Stripe would switch the webhook off, payments included, if refunds of others on the account failed for
    /// days. A key that is wrong altogether is another matter: it is mended soon, and till then Stripe repeats.
    /// </summary>
    [Theory]
    [InlineData(403, HttpStatusCode.OK)]
    [InlineData(401, HttpStatusCode.ServiceUnavailable)]
    public async Task A_key_that_may_not_ask_whose_money_it_was_fails_no_refund_of_others(
        int status, HttpStatusCode expected)
    {
        (_stripe.ReadRefusal, _stripe.ReadStatus) = ("more_permissions_required", status);
        using var answer = await SendAsync("refund.created", _stripe.NewRefund("pi_of_others", 5));
        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.OK)
            Assert.Equal("ignored", await PayService.OutcomeAsync(answer));
        Assert.Equal(expected == HttpStatusCode.OK, _service.LogLines.Any(
            l => l.Contains("pi_of_others", StringComparison.Ordinal)
                && l.Contains("PaymentIntents: read", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("succeeded")]
    [InlineData("pending")]
    public async Task A_refund_by_hand_whose_failure_comes_first_gives_nothing_back(string before)
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        Assert.Equal("applied", await TellAsync("checkout.session.completed", Paid));
        _stripe.RefundStatus = before;
        var created = _stripe.NewRefund(Paid["payment_intent"]!.ToString(), 1000);
        var failed = (JsonObject)created.DeepClone();
        (failed["status"], failed["failure_reason"]) = ("failed", "lost_or_stolen_card");
        Assert.Equal("applied", await TellAsync("refund.failed", failed));
        Assert.Equal("duplicate", await TellAsync("refund.created", created));
        Assert.Equal("duplicate", await TellAsync("refund.updated", failed));

        var view = await _service.GetAsync(order.OrderId);
        Assert.Equal((OrderStatus.Paid, 0m, RefundStatus.Refused, "lost_or_stolen_card"),
            (view.Status, view.RefundedAmount, view.Refunds[0].Status, view.Refunds[0].Failure));
        Assert.Empty(await _service.PublishedAsync<BillingPaymentRefunded>());
        Assert.Empty(await _service.PublishedAsync<BillingRefundFailed>());
        Assert.DoesNotContain(await _service.InvoicesAsync(), i => i.Amount < 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _stripe.DisposeAsync();
        await _ledger.DisposeAsync();
    }
}
