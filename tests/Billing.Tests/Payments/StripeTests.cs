using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Refunds;
using CloudPhone.Billing.Tests.Refunds;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Billing.Tests.Payments;

public sealed class StripeTests : IAsyncLifetime
{
    FakeStripe _stripe = null!;
    FakeLedger _ledger = null!;
    PayService _service = null!;

    public async ValueTask InitializeAsync()
    {
        (_stripe, _ledger) = (await FakeStripe.StartAsync(), await FakeLedger.StartAsync());
        _service = new([_ledger.Setting, .. _stripe.Settings]);
    }

    JsonObject Session => Assert.Single(_stripe.Sessions.Values);
    string SessionId => Session["id"]!.ToString();

    Task<HttpResponseMessage> SendAsync(string body, int age = 0, string secret = FakeStripe.WebhookSecret) =>
        _service.CallBackAsync(body, _service.Sign(body, age, secret), "stripe", "Stripe-Signature");

    async Task<string> TellAsync(string type, JsonObject about, string? id = null)
    {
        using var answer = await SendAsync(FakeStripe.Event(type, about, id));
        return await PayService.OutcomeAsync(answer);
    }

    Task<string> TellPaidAsync(string? id = null) =>
        TellAsync("checkout.session.completed", _stripe.Pay(SessionId), id);

    [Fact]
    public async Task A_checkout_session_is_paid_and_its_webhook_pays_the_order()
    {
        var order = await _service.OrderAsync(new { amount = 123.45 });
        Assert.Equal(("stripe", $"https://checkout.stripe.example/{SessionId}"), (order.Provider, order.PayUrl));
        var (call, form) = Assert.Single(_stripe.Calls);
        Assert.Equal("POST /v1/checkout/sessions", call);
        Assert.Equal(
            ["payment", "cny", "12345", "1", $"{order.OrderId}", $"{order.PaymentId}", "false",
                $"https://phones.example?order={order.OrderId}&payment=done"],
            new[]
            {
                "mode", "line_items[0][price_data][currency]", "line_items[0][price_data][unit_amount]",
                "line_items[0][quantity]", "client_reference_id", "metadata[cloudphone_payment]",
                "adaptive_pricing[enabled]", "success_url",
            }.Select(name => form[name].ToString()));

        Assert.Equal("applied", await TellPaidAsync("evt_1"));
        Assert.Equal("duplicate", await TellPaidAsync("evt_1"));
        Assert.Equal("duplicate", await TellPaidAsync("evt_2"));
        var told = Assert.Single(await _service.PaidAsync());
        Assert.Equal((order.PaymentId, 123.45m, "stripe"), (told.PaymentId, told.Amount, told.Provider));
        Assert.Equal(OrderStatus.Paid, (await _service.GetAsync(order.OrderId)).Status);
    }

    [Fact]
    public async Task A_webhook_may_come_before_the_orders_own_answer()
    {
        _stripe.OnSession = async _ => Assert.Equal("applied", await TellPaidAsync());
        var order = await _service.OrderAsync(new { amount = 10 });
        Assert.Equal(OrderStatus.Paid, order.Status);
        Assert.Single(await _service.PaidAsync());
    }

    [Fact]
    public async Task Money_that_takes_days_counts_when_it_is_there()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        Assert.Equal("ignored", await TellAsync("checkout.session.completed", _stripe.Pay(SessionId, "unpaid")));
        await _service.UntilAsync("its end here", async () =>
            (await _service.GetAsync(order.OrderId)).Status == OrderStatus.Expired, TimeSpan.FromMinutes(1));
        Assert.Empty(await _service.PaidAsync());
        Assert.Equal("applied",
            await TellAsync("checkout.session.async_payment_succeeded", _stripe.Pay(SessionId)));
        Assert.Single(await _service.PaidAsync());
    }

    [Theory]
    [InlineData("checkout.session.async_payment_failed", PaymentStatus.Failed)]
    [InlineData("checkout.session.expired", PaymentStatus.Expired)]
    public async Task What_comes_to_nothing_is_told_too(string type, PaymentStatus status)
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        Assert.Equal("applied", await TellAsync(type, Session));
        Assert.Equal(status, (await _service.GetAsync(order.OrderId)).Payments[0].Status);
        Assert.Empty(await _service.PaidAsync());
    }

    [Theory]
    [InlineData("wrong secret", "bad-signature")]
    [InlineData("stale", "bad-signature")]
    [InlineData("unsigned", "bad-signature")]
    [InlineData("no JSON", "bad-callback")]
    [InlineData("a list", "bad-callback")]
    [InlineData("nothing", "bad-callback")]
    [InlineData("amount_total", "wrong-amount")]
    [InlineData("currency", "wrong-currency")]
    [InlineData("client_reference_id", "wrong-order")]
    [InlineData("metadata", "unknown-payment")]
    public async Task A_bad_webhook_is_refused_and_nothing_is_changed(string what, string type)
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        var session = (JsonObject)_stripe.Pay(SessionId).DeepClone();
        switch (what)
        {
            case "amount_total":
                session[what] = 10; // which would be right if the currency had no decimals
                break;
            case "currency":
                session[what] = "usd";
                break;
            case "client_reference_id":
                session[what] = $"{Guid.CreateVersion7()}";
                break;
            case "metadata":
                session[what]!["cloudphone_payment"] = $"{Guid.CreateVersion7()}";
                break;
        }
        var body = what switch
        {
            "no JSON" => "{",
            "a list" => "[]",
            "nothing" => "",
            _ => FakeStripe.Event("checkout.session.completed", session),
        };
        using var answer = what switch
        {
            "wrong secret" => await SendAsync(body, secret: "whsec_another"),
            "stale" => await SendAsync(body, age: 301),
            "unsigned" => await _service.CallBackAsync(body, null, "stripe"),
            _ => await SendAsync(body),
        };
        Assert.Equal(type, await PayService.ProblemAsync(answer, HttpStatusCode.BadRequest));
        Assert.Equal(PaymentStatus.Pending, (await _service.GetAsync(order.OrderId)).Payments[0].Status);
        Assert.Empty(await _service.PaidAsync());
    }

    [Fact]
    public async Task Events_of_others_are_acknowledged()
    {
        await _service.OrderAsync(new { amount = 10 });
        var others = (JsonObject)_stripe.Pay(SessionId).DeepClone();
        others["metadata"] = new JsonObject();
        Assert.Equal("ignored", await TellAsync("checkout.session.completed", others));
        Assert.Equal(
            "ignored", await TellAsync("customer.created", new() { ["object"] = "customer", ["id"] = "cus_1" }));
        Assert.Equal("ignored", await TellAsync("charge.refunded", new() { ["object"] = "charge", ["id"] = "ch_1" }));
        Assert.Equal("ignored", await TellAsync("refund.created", _stripe.NewRefund("pi_of_others", 5)));
        Assert.Empty(await _service.PaidAsync());
    }

    [Fact]
    public async Task A_hiccup_is_not_seen_and_a_longer_one_makes_no_second_session()
    {
        _stripe.Failures = 1;
        await _service.OrderAsync(new { amount = 10 });
        _stripe.LateFailures = 2; // both tries reach it
        using var client = _service.As(_service.User);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "again");
        using (var away = await client.PostAsJsonAsync("/api/billing/orders", new { amount = 20 }))
            Assert.Equal("payment-provider-away",
                await PayService.ProblemAsync(away, HttpStatusCode.ServiceUnavailable));
        using var again = await client.PostAsJsonAsync("/api/billing/orders", new { amount = 20 });
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(2, (await _service.ListAsync()).Items.Count);
        Assert.Equal(2, _stripe.Sessions.Count);
    }

    [Fact]
    public async Task What_Stripe_refuses_is_told_and_can_be_tried_elsewhere()
    {
        _stripe.Refusal = "amount_too_small";
        using var refused = await _service.PostAsync("/api/billing/orders", new { amount = 0.01 });
        Assert.Equal("payment-refused", await PayService.ProblemAsync(refused, HttpStatusCode.Conflict));
        var order = Assert.Single((await _service.ListAsync()).Items);
        Assert.Equal((PaymentStatus.Failed, "No: amount_too_small."),
            (order.Payments[0].Status, order.Payments[0].Failure));
        using var other = await _service.PostAsync($"/api/billing/orders/{order.Id}/pay?provider=sandbox");
        var answer = (await other.Content.ReadFromJsonAsync<OrderAnswer>(PayService.Json))!;
        Assert.Equal("applied", await _service.TellAsync(answer));
    }

    [Fact]
    public async Task A_lost_webhook_loses_no_money_and_what_is_given_up_is_closed()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        _stripe.Pay(SessionId);
        await _service.UntilAsync("the payment's end", async () =>
            (await _service.GetAsync(order.OrderId)).Status == OrderStatus.Paid, TimeSpan.FromSeconds(30));
        Assert.Equal("duplicate", await TellPaidAsync());
        Assert.Single(await _service.PaidAsync());

        var second = await _service.OrderAsync(new { amount = 20 });
        (await _service.PostAsync($"/api/billing/orders/{second.OrderId}/cancel")).Dispose();
        await _service.UntilAsync("its page to be closed", () =>
            Task.FromResult(_stripe.Sessions.Values.Any(s => s["status"]!.ToString() == "expired")));
        Assert.Equal(OrderStatus.Cancelled, (await _service.GetAsync(second.OrderId)).Status);
    }

    async Task<RefundView> RefundAsync(OrderAnswer order, decimal amount)
    {
        using var client = _service.As(Guid.CreateVersion7(), Roles.Operator);
        using var answer = await client.PostAsJsonAsync(
            $"/api/billing/orders/{order.OrderId}/refund", new { amount, reason = "r" });
        return (await answer.Content.ReadFromJsonAsync<RefundView>(PayService.Json))!;
    }

    Task UntilAsync(OrderAnswer order, RefundStatus status) => _service.UntilAsync($"a refund {status}", async () =>
        (await _service.GetAsync(order.OrderId)).Refunds is [.., var last] && last.Status == status);

    [Fact]
    public async Task A_refund_is_made_once_whatever_fails_on_the_way()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await TellPaidAsync();
        _stripe.LateFailures = 3; // both tries of the first attempt, and one more
        await RefundAsync(order, 2.5m);
        await UntilAsync(order, RefundStatus.Completed);
        var refund = Assert.Single(_stripe.Refunds.Values);
        Assert.Equal((250, $"pi_{SessionId}"), (refund["amount"]!.GetValue<long>(), $"{refund["payment_intent"]}"));
        Assert.Equal("duplicate", await TellAsync("refund.updated", refund));
        Assert.Single(await _service.PublishedAsync<BillingPaymentRefunded>());
        Assert.Equal(997.5m, _ledger.Balance);
    }

    [Theory]
    [InlineData("succeeded", RefundStatus.Completed, 990)]
    [InlineData("failed", RefundStatus.Refused, 1000)]
    public async Task A_refund_that_takes_days_ends_when_Stripe_tells(string told, RefundStatus end, decimal balance)
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await TellPaidAsync();
        _stripe.RefundStatus = "pending";
        await RefundAsync(order, 10);
        await _service.UntilAsync("the refund at Stripe", () => Task.FromResult(!_stripe.Refunds.IsEmpty));
        await UntilAsync(order, RefundStatus.Held);
        var refund = Assert.Single(_stripe.Refunds.Values);
        refund["status"] = told;
        Assert.Equal("applied", await TellAsync(told == "failed" ? "refund.failed" : "refund.updated", refund));
        await UntilAsync(order, end);
        Assert.Equal(balance, _ledger.Balance);
        Assert.Equal(end == RefundStatus.Completed ? 1 : 0,
            (await _service.PublishedAsync<BillingPaymentRefunded>()).Count);
    }

    [Fact]
    public async Task A_refund_that_Stripe_ends_before_it_has_answered_goes_on_at_once()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await TellPaidAsync();
        var answered = new TaskCompletionSource();
        (_stripe.RefundStatus, _stripe.RefundGate) = ("pending", answered.Task);
        await RefundAsync(order, 10);
        await _service.UntilAsync("the refund at Stripe", () => Task.FromResult(!_stripe.Refunds.IsEmpty));
        var failed = Assert.Single(_stripe.Refunds.Values).DeepClone().AsObject();
        failed["status"] = "failed";
        Assert.Equal("applied", await TellAsync("refund.failed", failed));
        answered.SetResult();
        await UntilAsync(order, RefundStatus.Refused);
        Assert.Equal(1000, _ledger.Balance);
    }

    [Fact]
    public async Task What_was_paid_back_at_Stripe_by_hand_is_known_here()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await TellPaidAsync();
        var byHand = _stripe.NewRefund($"pi_{SessionId}", 400);
        Assert.Equal("applied", await TellAsync("refund.created", byHand));
        Assert.Equal("duplicate", await TellAsync("refund.updated", byHand));
        var told = Assert.Single(await _service.PublishedAsync<BillingPaymentRefunded>());
        Assert.Equal((4m, order.OrderId, "paid back at stripe"), (told.Amount, told.OrderId, told.Reason));
        Assert.Equal(4m, (await _service.GetAsync(order.OrderId)).RefundedAmount);
        using var client = _service.As(Guid.CreateVersion7(), Roles.Operator);
        using var more = await client.PostAsJsonAsync(
            $"/api/billing/orders/{order.OrderId}/refund", new { amount = 6.01, reason = "r" });
        Assert.Equal("more-than-paid", await PayService.ProblemAsync(more, HttpStatusCode.Conflict));
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _stripe.DisposeAsync();
        await _ledger.DisposeAsync();
    }
}
