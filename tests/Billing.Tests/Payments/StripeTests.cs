using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Tests.Refunds;
using Microsoft.EntityFrameworkCore;

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

    /// <summary>Whatever a question is answered says nothing about the payment, and neither does a page that can't be
    /// closed.</summary>
    [Fact]
    public async Task What_became_of_a_payment_is_asked_until_Stripe_says_it()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        _stripe.Pay(SessionId);
        _stripe.ReadRefusal = "resource_missing";
        await _service.UntilAsync("several questions", () => Task.FromResult(
            _stripe.Calls.Count(c => c.Call.StartsWith("GET", StringComparison.Ordinal)) > 3),
            TimeSpan.FromSeconds(30));
        Assert.Empty(await _service.PaidAsync());
        _stripe.ReadRefusal = null;
        await _service.UntilAsync("the payment", async () =>
            (await _service.GetAsync(order.OrderId)).Status == OrderStatus.Paid, TimeSpan.FromMinutes(1));
        Assert.Single(await _service.PaidAsync());

        var stuck = await _service.OrderAsync(new { amount = 20 });
        _stripe.StuckSessions = 1;
        (await _service.PostAsync($"/api/billing/orders/{stuck.OrderId}/cancel")).Dispose();
        await _service.UntilAsync("its page to be closed", () => Task.FromResult(
            _stripe.Sessions.Values.Any(s => s["status"]!.ToString() == "expired")), TimeSpan.FromMinutes(1));
        Assert.Equal(-1, _stripe.StuckSessions);
    }

    [Fact]
    public async Task A_payment_whose_provider_is_not_set_up_any_more_waits_for_it()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        _stripe.Pay(SessionId);
        await using (var without = new PayService([.. _service.Settings, ("STRIPE_SECRET_KEY", "")]))
        {
            without.Anonymous().Dispose(); // it runs now
            without.Clock.Advance(TimeSpan.FromMinutes(15));
            await without.UntilAsync("the trouble", async () =>
                (await _service.GetAsync(order.OrderId)).Payments[0].Trouble?.Contains("stripe") == true);
            Assert.Equal(1, await without.InDatabaseAsync(db => ((BillingDb)db).Payments.CountAsync(
                p => p.NextAttemptAt > PayService.Start.AddHours(24))));
        }
        Assert.Empty(await _service.PaidAsync());
        await _service.UntilAsync("the payment", async () =>
            (await _service.GetAsync(order.OrderId)).Status == OrderStatus.Paid, TimeSpan.FromHours(1));
        Assert.Null((await _service.GetAsync(order.OrderId)).Payments[0].Trouble);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _stripe.DisposeAsync();
        await _ledger.DisposeAsync();
    }
}
