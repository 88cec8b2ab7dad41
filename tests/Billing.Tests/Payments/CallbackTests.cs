using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Plans;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Tests.Payments;

public sealed class CallbackTests : IAsyncDisposable
{
    readonly PayService _service = new();

    [Fact]
    public async Task A_callback_pays_the_order_and_is_told()
    {
        var order = await _service.OrderAsync(new { amount = 100 });
        _service.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("applied", await _service.TellAsync(order));
        var view = await _service.GetAsync(order.OrderId);
        Assert.Equal((OrderStatus.Paid, PayService.Start.AddMinutes(2)), (view.Status, view.PaidAt));
        Assert.Equal((PaymentStatus.Succeeded, null, true),
            (view.Payments[0].Status, view.Payments[0].PayUrl, view.Payments[0].AsTopUp));
        var told = Assert.Single(await _service.PaidAsync());
        Assert.Equal((order.PaymentId, order.OrderId, _service.User, 100m, "CNY", "sandbox", 30),
            (told.PaymentId, told.OrderId, told.UserId, told.Amount, told.Currency, told.Provider, told.QuotaDays));
        Assert.Equal(view.PaidAt, told.PaidAt);
    }

    /// <summary>The order is the test's, of 100 CNY. Each callback is signed as the case says.</summary>
    public static TheoryData<string, string> Bad => new()
    {
        { "forged", "bad-signature" },
        { "changed after signing", "bad-signature" },
        { "unsigned", "bad-signature" },
        { "empty signature", "bad-signature" },
        { "only a time", "bad-signature" },
        { "upper case", "bad-signature" },
        { "another scheme", "bad-signature" },
        { "negative time", "bad-signature" },
        { "stale", "callback-too-old" },
        { "ahead of time", "callback-too-old" },
        { "wrong amount", "wrong-amount" },
        { "negative amount", "wrong-amount" },
        { "a cent less", "wrong-amount" },
        { "over-precise amount", "wrong-amount" },
        { "huge amount", "wrong-amount" },
        { "no number", "bad-callback" },
        { "beyond all numbers", "bad-callback" },
        { "wrong currency", "wrong-currency" },
        { "wrong order", "wrong-order" },
        { "unknown payment", "unknown-payment" },
        { "no id", "bad-callback" },
        { "empty id", "bad-callback" },
        { "long id", "bad-callback" },
        { "no object", "bad-callback" },
        { "no JSON", "bad-callback" },
        { "nothing", "bad-callback" },
        { "doubled amount", "bad-callback" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_callback_is_refused_and_nothing_is_changed(string what, string type)
    {
        var order = await _service.OrderAsync(new { amount = 100 });
        var before = JsonSerializer.Serialize(await _service.GetAsync(order.OrderId));
        var good = JsonSerializer.Serialize(PayService.Event(order));
        string With(string name, object? value) => JsonSerializer.Serialize(PayService.Event(order, (name, value)));
        var body = what switch
        {
            "wrong amount" => With("amount", 1000),
            "negative amount" => With("amount", -100),
            "a cent less" => With("amount", 99.99),
            "over-precise amount" => With("amount", 100.000001m),
            "huge amount" => With("amount", 1e27),
            "no number" => With("amount", "NaN"),
            "beyond all numbers" => good.Replace("\"amount\":", "\"amount\":1e99", StringComparison.Ordinal),
            "wrong currency" => With("currency", "USD"),
            "wrong order" => With("orderId", Guid.CreateVersion7()),
            "unknown payment" => With("paymentId", Guid.CreateVersion7()),
            "no id" => With("id", null),
            "empty id" => With("id", ""),
            "long id" => With("id", new string('x', 256)),
            "no object" => "[1]",
            "no JSON" => "payment.succeeded",
            "nothing" => "",
            "doubled amount" => good.Replace(
                "\"amount\":", "\"amount\":1,\"amount\":", StringComparison.Ordinal),
            _ => good,
        };
        var signature = what switch
        {
            "forged" => _service.Sign(body, secret: "another secret of the same length as it"),
            "changed after signing" => _service.Sign(With("amount", 1)),
            "unsigned" => null,
            "empty signature" => "",
            "only a time" => _service.Sign(body).Split(',')[0],
            "upper case" => _service.Sign(body).ToUpperInvariant(),
            "another scheme" => _service.Sign(body).Replace("v1=", "v0=", StringComparison.Ordinal),
            "negative time" => _service.Sign(body).Replace("t=", "t=-", StringComparison.Ordinal),
            "stale" => _service.Sign(body, age: 301),
            "ahead of time" => _service.Sign(body, age: -301),
            _ => _service.Sign(body),
        };
        using var answer = await _service.CallBackAsync(body, signature);
        Assert.Equal(type, await PayService.ProblemAsync(answer, HttpStatusCode.BadRequest));
        Assert.Equal(before, JsonSerializer.Serialize(await _service.GetAsync(order.OrderId)));
        Assert.Empty(await _service.PaidAsync());
        Assert.Equal(0, await _service.InDatabaseAsync(db => ((BillingDb)db).ProviderEvents.CountAsync()));
        Assert.Equal("applied", await _service.TellAsync(order)); // and the right one still works
    }

    [Fact]
    public async Task What_is_told_again_and_again_is_one_payment()
    {
        var order = await _service.OrderAsync(new { amount = 100 });
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _service.TellAsync(order)));
        Assert.Equal(49, outcomes.Count(o => o == "duplicate"));
        Assert.Single(outcomes, "applied");
        Assert.Equal("duplicate", await _service.TellAsync(order, ("id", "another event of the same payment")));
        Assert.Equal("ignored", await _service.TellAsync(order, ("id", "late"), ("type", "payment.failed")));
        Assert.Single(await _service.PaidAsync());
        Assert.Equal(PaymentStatus.Succeeded, (await _service.GetAsync(order.OrderId)).Payments[0].Status);
    }

    [Fact]
    public async Task An_event_id_is_of_one_payment_alone()
    {
        var first = await _service.OrderAsync(new { amount = 1 });
        var second = await _service.OrderAsync(new { amount = 2 });
        Assert.Equal("applied", await _service.TellAsync(first, ("id", "evt_1")));
        var body = JsonSerializer.Serialize(PayService.Event(second, ("id", "evt_1")));
        using var taken = await _service.CallBackAsync(body, _service.Sign(body));
        Assert.Equal("event-id-taken", await PayService.ProblemAsync(taken, HttpStatusCode.BadRequest));
        Assert.Equal(OrderStatus.Pending, (await _service.GetAsync(second.OrderId)).Status);
        Assert.Equal("duplicate", await _service.TellAsync(first, ("id", "evt_1")));
        Assert.Equal("applied", await _service.TellAsync(second, ("id", "evt_2")));

        // of many at the same time one has it
        var orders = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(n => _service.OrderAsync(new { amount = 10 + n })));
        var answers = await Task.WhenAll(orders.Select(async o =>
        {
            var body = JsonSerializer.Serialize(PayService.Event(o, ("id", "evt_3")));
            using var answer = await _service.CallBackAsync(body, _service.Sign(body));
            return answer.StatusCode;
        }));
        Assert.Single(answers, HttpStatusCode.OK);
        Assert.Equal(7, answers.Count(a => a == HttpStatusCode.BadRequest));
        Assert.Equal(3, (await _service.PaidAsync()).Count);
    }

    [Fact]
    public async Task Kinds_that_mean_nothing_here_are_acknowledged()
    {
        var order = await _service.OrderAsync(new { amount = 100 });
        Assert.Equal("ignored", await _service.TellAsync(order, ("type", "payment.created"), ("amount", "?")));
        Assert.Equal(OrderStatus.Pending, (await _service.GetAsync(order.OrderId)).Status);
    }

    [Fact]
    public async Task Big_bodies_and_unknown_providers_are_refused()
    {
        var body = new string(' ', (256 << 10) + 1);
        using var big = await _service.CallBackAsync(body, _service.Sign(body));
        Assert.Equal("body-too-large", await PayService.ProblemAsync(big, HttpStatusCode.RequestEntityTooLarge));
        foreach (var provider in (string[])["paypal", "stripe", "SANDBOX", "sandbox%20"])
        {
            using var answer = await _service.CallBackAsync("{}", _service.Sign("{}"), provider);
            Assert.Equal("not-found", await PayService.ProblemAsync(answer, HttpStatusCode.NotFound));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Money_for_an_order_that_is_over_goes_to_the_balance(bool isCancelled)
    {
        using var client = _service.As(_service.User);
        var basic = (await client.GetFromJsonAsync<Page<PlanItem>>("/api/billing/plans"))!.Items
            .Single(p => p.Code == "basic");
        var order = await _service.OrderAsync(new { planId = basic.Id });
        if (isCancelled)
            (await _service.PostAsync($"/api/billing/orders/{order.OrderId}/cancel")).Dispose();
        else
            await _service.UntilAsync("the order's end", async () =>
                (await _service.GetAsync(order.OrderId)).Status == OrderStatus.Expired, TimeSpan.FromMinutes(1));
        Assert.Equal("applied", await _service.TellAsync(order));
        var view = await _service.GetAsync(order.OrderId);
        Assert.Equal((OrderStatus.Paid, PaymentStatus.Succeeded, true),
            (view.Status, view.Payments[0].Status, view.Payments[0].AsTopUp));
        Assert.Equal((null, null, null), (view.PlanId, view.PlanCode, view.Months));
        var told = Assert.Single(await _service.PaidAsync());
        Assert.Equal((99m, 30, null), (told.Amount, told.QuotaDays, told.PlanCode));
        Assert.Equal(0, await _service.InDatabaseAsync(db => ((BillingDb)db).Subscriptions.CountAsync()));
    }

    [Fact]
    public async Task A_plan_that_is_paid_begins_and_what_comes_a_second_time_goes_to_the_balance()
    {
        using var client = _service.As(_service.User);
        var pro = (await client.GetFromJsonAsync<Page<PlanItem>>("/api/billing/plans"))!.Items
            .Single(p => p.Code == "pro");
        var order = await _service.OrderAsync(new { planId = pro.Id, months = 2 });
        await _service.TellAsync(order, ("type", "payment.failed"), ("id", "first"));
        using var again = await _service.PostAsync($"/api/billing/orders/{order.OrderId}/pay");
        var second = (await again.Content.ReadFromJsonAsync<OrderAnswer>(PayService.Json))!;
        Assert.Equal("applied", await _service.TellAsync(second));
        Assert.Equal("applied", await _service.TellAsync(order)); // he paid the first one as well

        var told = await _service.PaidAsync();
        Assert.Equal([(598m, 60, "pro", 2, 598m, 20, 64, 128),
            (598m, 30, (string?)null, (int?)null, (decimal?)null, (int?)null, (int?)null, (int?)null)],
            told.OrderByDescending(e => e.QuotaDays).Select(e => (e.Amount, e.QuotaDays, e.PlanCode, e.PlanMonths,
                e.PlanPrice, e.MaxDevices, e.TotalCpuCores, e.TotalMemoryGB)));
        var months = await client.GetFromJsonAsync<Page<SubscriptionItem>>("/api/billing/subscriptions");
        Assert.Equal(2, months!.Items.Count(s => s.OrderId == order.OrderId && s.IncludedSeconds == 400 * 3600));
        var payments = (await _service.GetAsync(order.OrderId)).Payments;
        Assert.Equal(2, payments.Count(p => p.Status == PaymentStatus.Succeeded));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
