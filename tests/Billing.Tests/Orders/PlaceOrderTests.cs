using System.Net;
using System.Net.Http.Json;
using System.Text;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Tests.Payments;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Tests.Orders;

public sealed class PlaceOrderTests : IAsyncDisposable
{
    readonly PayService _service = new();

    async Task<PlanItem> PlanAsync(string code)
    {
        using var client = _service.As(_service.User);
        return (await client.GetFromJsonAsync<Page<PlanItem>>("/api/billing/plans"))!.Items.Single(p => p.Code == code);
    }

    [Fact]
    public async Task An_order_tells_where_to_pay_and_is_its_owners_alone()
    {
        var order = await _service.OrderAsync(new { amount = 100.5m });
        Assert.Equal(("sandbox", 100.5m, "CNY", OrderStatus.Pending, PayService.Start.AddMinutes(15)),
            (order.Provider, order.Amount, order.Currency, order.Status, order.ExpiresAt));
        Assert.Equal($"http://localhost:30000/api/billing/sandbox/pay/{order.PaymentId}", order.PayUrl);

        var view = await _service.GetAsync(order.OrderId);
        Assert.Equal((100.5m, OrderStatus.Pending, PayService.Start.AddMinutes(30), null, 0m),
            (view.Amount, view.Status, view.ExpiresAt, view.PlanCode, view.RefundedAmount));
        var payment = Assert.Single(view.Payments);
        Assert.Equal(
            (order.PaymentId, PaymentStatus.Pending, order.PayUrl), (payment.Id, payment.Status, payment.PayUrl));
        Assert.Equal(order.OrderId, Assert.Single((await _service.ListAsync("status=pending")).Items).Id);
        Assert.Empty((await _service.ListAsync("status=paid")).Items);

        using var other = _service.As(Guid.CreateVersion7());
        var path = $"/api/billing/orders/{order.OrderId}";
        Assert.Empty((await other.GetFromJsonAsync<Page<OrderView>>("/api/billing/orders", PayService.Json))!.Items);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.PostAsync($"{path}/cancel", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.PostAsync($"{path}/pay", null)).StatusCode);
        using var anonymous = _service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.PostAsync("/api/billing/orders", null)).StatusCode);
        using var staff = _service.As(Guid.CreateVersion7(), Roles.Operator);
        Assert.Equal(HttpStatusCode.OK, (await staff.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await staff.PostAsync($"{path}/cancel", null)).StatusCode);
        Assert.Equal(OrderStatus.Pending, (await _service.GetAsync(order.OrderId)).Status);
    }

    [Fact]
    public async Task Months_of_a_plan_cost_its_price()
    {
        var basic = await PlanAsync("basic");
        var order = await _service.OrderAsync(new { planId = basic.Id, months = 3 });
        Assert.Equal(297m, order.Amount);
        Assert.Equal(
            99m, (await _service.OrderAsync(new { planId = basic.Id, amount = 99, currency = "CNY" })).Amount);
        var view = await _service.GetAsync(order.OrderId);
        Assert.Equal((basic.Id, "basic", 3), (view.PlanId, view.PlanCode, view.Months));
        foreach (var (body, type) in new (object, string)[]
        {
            (new { planId = basic.Id, amount = 98.99 }, "wrong-amount"),
            (new { planId = (await PlanAsync("free")).Id }, "plan-not-for-sale"),
            (new { planId = Guid.CreateVersion7() }, "unknown-plan"),
            (new { amount = 1, provider = "paypal" }, "unknown-provider"),
            (new { amount = 1, currency = "USD" }, "wrong-currency"),
            (new { amount = 1, currency = "" }, "wrong-currency"),
        })
        {
            using var answer = await _service.PostAsync("/api/billing/orders", body);
            Assert.Equal(type, await PayService.ProblemAsync(answer, HttpStatusCode.BadRequest));
        }
        Assert.Equal(2, (await _service.ListAsync()).Items.Count);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"amount\":null}")]
    [InlineData("{\"amount\":0}")]
    [InlineData("{\"amount\":-1}")]
    [InlineData("{\"amount\":-0.01}")]
    [InlineData("{\"amount\":0.001}")]
    [InlineData("{\"amount\":10.005}")]
    [InlineData("{\"amount\":1000000.01}")]
    [InlineData("{\"amount\":1e7}")]
    [InlineData("{\"amount\":1e400}")]
    [InlineData("{\"amount\":79228162514264337593543950336}")]
    [InlineData("{\"amount\":NaN}")]
    [InlineData("{\"amount\":\"NaN\"}")]
    [InlineData("{\"amount\":\"10\"}")]
    [InlineData("{\"amount\":Infinity}")]
    [InlineData("{\"amount\":[10]}")]
    [InlineData("{\"amount\":10,\"amount\":1}")]
    [InlineData("{\"amount\":10,\"months\":1}")]
    [InlineData("{\"amount\":10,\"planId\":\"basic\"}")]
    [InlineData("{\"planId\":\"019a0000-0000-7000-8000-000000000012\",\"months\":0}")]
    [InlineData("{\"planId\":\"019a0000-0000-7000-8000-000000000012\",\"months\":13}")]
    [InlineData("{\"planId\":\"019a0000-0000-7000-8000-000000000012\",\"months\":1.5}")]
    [InlineData("")]
    [InlineData("[]")]
    public async Task Bad_values_are_refused_and_nothing_is_ordered(string body)
    {
        using var client = _service.As(_service.User);
        using var answer = await client.PostAsync(
            "/api/billing/orders", new StringContent(body, Encoding.UTF8, "application/json"));
        await PayService.ProblemAsync(answer, HttpStatusCode.BadRequest);
        Assert.Empty((await _service.ListAsync()).Items);
    }

    [Fact]
    public async Task Fifty_at_once_under_one_key_are_one_order_and_without_keys_fifty()
    {
        using var client = _service.As(_service.User);
        client.DefaultRequestHeaders.Add("Idempotency-Key", "a-click-that-bounced");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            using var answer = await client.PostAsJsonAsync("/api/billing/orders", new { amount = 5 });
            if (answer.StatusCode == HttpStatusCode.Conflict)
                return null; // the first one still ran
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            return await answer.Content.ReadFromJsonAsync<OrderAnswer>(PayService.Json);
        }));
        Assert.Single(answers.OfType<OrderAnswer>().Distinct());
        Assert.Single((await _service.ListAsync()).Items);
        using var changed = await client.PostAsJsonAsync("/api/billing/orders", new { amount = 6 });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, changed.StatusCode);

        var orders = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => _service.OrderAsync(new { amount = 5 })));
        Assert.Equal(50, orders.Select(o => o.OrderId).Distinct().Count());
    }

    [Fact]
    public async Task A_user_has_a_hundred_open_orders_at_most()
    {
        var first = await _service.OrderAsync(new { amount = 1 });
        for (var i = 1; i < 100; i++)
            await _service.OrderAsync(new { amount = 1 });
        using (var answer = await _service.PostAsync("/api/billing/orders", new { amount = 1 }))
            Assert.Equal("too-many-open-orders", await PayService.ProblemAsync(answer, HttpStatusCode.Conflict));
        (await _service.PostAsync($"/api/billing/orders/{first.OrderId}/cancel")).Dispose();
        await _service.OrderAsync(new { amount = 1 });
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
