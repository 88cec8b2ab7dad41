using System.Net;
using System.Net.Http.Json;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Refunds;
using CloudPhone.Billing.Tests.Payments;

namespace CloudPhone.Billing.Tests.Orders;

public sealed class OrderLifeTests : IAsyncDisposable
{
    readonly PayService _service = new();

    Task<HttpResponseMessage> DoAsync(OrderAnswer order, string act, object? body = null) =>
        _service.PostAsync($"/api/billing/orders/{order.OrderId}/{act}", body);

    async Task<OrderAnswer> PayAgainAsync(OrderAnswer order)
    {
        using var answer = await DoAsync(order, "pay");
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<OrderAnswer>(PayService.Json))!;
    }

    [Fact]
    public async Task A_payment_ends_after_15_minutes_and_its_order_after_30()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        Assert.Equal(order, await PayAgainAsync(order)); // the one that is open
        _service.Clock.Advance(TimeSpan.FromMinutes(15));
        await _service.UntilAsync("the payment's end", async () =>
            (await _service.GetAsync(order.OrderId)).Payments[0].Status == PaymentStatus.Expired);
        var second = await PayAgainAsync(order);
        Assert.NotEqual(order.PaymentId, second.PaymentId);
        Assert.True(second.ExpiresAt <= PayService.Start.AddMinutes(30));

        _service.Clock.Advance(PayService.Start.AddMinutes(30) - _service.Clock.GetUtcNow());
        await _service.UntilAsync("the order's end", async () =>
            await _service.GetAsync(order.OrderId) is { Status: OrderStatus.Expired } view
            && view.Payments.All(p => p is { Status: PaymentStatus.Expired, PayUrl: null }));
        using var late = await DoAsync(order, "pay");
        Assert.Equal("order-not-open", await PayService.ProblemAsync(late, HttpStatusCode.Conflict));
        using var cancel = await DoAsync(order, "cancel");
        Assert.Equal("order-not-open", await PayService.ProblemAsync(cancel, HttpStatusCode.Conflict));
        Assert.Empty(await _service.PaidAsync());
    }

    [Fact]
    public async Task Fifty_further_tries_at_once_are_one_payment()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        Assert.Equal("applied", await _service.TellAsync(order, ("type", "payment.failed"), ("reason", "no money")));
        Assert.Equal("no money", (await _service.GetAsync(order.OrderId)).Payments[0].Failure);
        var tries = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => PayAgainAsync(order)));
        Assert.Single(tries.Distinct());
        Assert.Equal("applied", await _service.TellAsync(tries[0]));
        var view = await _service.GetAsync(order.OrderId);
        Assert.Equal((OrderStatus.Paid, 2), (view.Status, view.Payments.Count));
        using var again = await DoAsync(order, "pay");
        Assert.Equal("order-not-open", await PayService.ProblemAsync(again, HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task An_order_is_given_up_once_and_not_when_it_is_paid()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => DoAsync(order, "cancel")));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        var view = await _service.GetAsync(order.OrderId);
        Assert.Equal((OrderStatus.Cancelled, PaymentStatus.Cancelled), (view.Status, view.Payments[0].Status));
        using var pay = await DoAsync(order, "pay");
        Assert.Equal("order-not-open", await PayService.ProblemAsync(pay, HttpStatusCode.Conflict));

        var paid = await _service.OrderAsync(new { amount = 10 });
        await _service.TellAsync(paid);
        using var cancel = await DoAsync(paid, "cancel");
        Assert.Equal("order-not-open", await PayService.ProblemAsync(cancel, HttpStatusCode.Conflict));
        Assert.Equal(OrderStatus.Paid, (await _service.GetAsync(paid.OrderId)).Status);
    }

    [Fact]
    public async Task Tries_of_one_order_have_an_end()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        var last = order;
        for (var n = 1; n < 10; n++)
        {
            await _service.TellAsync(last, ("type", "payment.failed"));
            last = await PayAgainAsync(order);
        }
        await _service.TellAsync(last, ("type", "payment.failed"));
        using var answer = await DoAsync(order, "pay");
        Assert.Equal("too-many-payments", await PayService.ProblemAsync(answer, HttpStatusCode.Conflict));
    }

    /// <summary>What is paid or over stays so, except that money which comes is money.</summary>
    [Fact]
    public void States_change_by_their_tables_alone()
    {
        Assert.All(Enum.GetValues<PaymentStatus>().SelectMany(
            from => Enum.GetValues<PaymentTrigger>(), (from, trigger) => (from, trigger)), move => Assert.Equal(
            move.from == PaymentStatus.Pending
                || (move.trigger == PaymentTrigger.Succeed && move.from != PaymentStatus.Succeeded),
            PaymentStates.Transitions.ContainsKey(move)));
        Assert.DoesNotContain(
            OrderStates.Transitions, t => t.Key.From == OrderStatus.Paid && t.Value != OrderStatus.Refunded);
        Assert.DoesNotContain(OrderStates.Transitions.Values, to => to == OrderStatus.Pending);
        Assert.DoesNotContain(RefundStates.Transitions.Keys, t => t.From is RefundStatus.Failed or RefundStatus.Refused
            || (t.From == RefundStatus.Completed
                && t.Trigger is not (RefundTrigger.RefusePayBack or RefundTrigger.FoundRefused)));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
