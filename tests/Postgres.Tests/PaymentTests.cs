using System.Net.Http.Json;
using CloudPhone.Billing;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Postgres.Tests;

/// <summary>Two replicas on one database, which callbacks and requests reach in turn.</summary>
public sealed class PaymentTests(Server server)
{
    const string Orders = "/api/billing/orders";
    readonly Guid _user = Guid.CreateVersion7();

    async Task<TestService<BillingDb>[]> StartAsync()
    {
        var url = await server.CreateDatabaseAsync();
        return [Sandbox.On(url), Sandbox.On(url)];
    }

    [Fact]
    public async Task Fifty_callbacks_at_once_on_two_replicas_are_one_payment()
    {
        var services = await StartAsync();
        await using var first = services[0];
        await using var second = services[1];
        using var user = first.As(_user);
        var order = await user.PostAsJsonAsync(Orders, new { amount = 100 }).JsonAsync(201);
        // half of them the same event, half of them others of the same payment
        var answers = await Http.AtOnceAsync(
            50, i => Sandbox.TellAsync(services[i % 2], order, i < 25 ? "evt" : $"evt-{i}"));
        Assert.Single(answers, a => a.Text("outcome") == "applied");
        Assert.Equal(49, answers.Count(a => a.Text("outcome") == "duplicate"));
        Assert.Single(await first.PublishedAsync<BillingPaymentSuccess>());
        Assert.Equal("paid", (await user.GetAsync($"{Orders}/{order.Text("orderId")}").JsonAsync()).Text("status"));
    }

    [Fact]
    public async Task Payments_of_a_plan_at_once_follow_each_other_and_give_up_meets_pay()
    {
        var services = await StartAsync();
        await using var first = services[0];
        await using var second = services[1];
        using var user = first.As(_user);
        var plan = (await user.ItemsAsync("/api/billing/plans")).Single(p => p.Text("code") == "basic").Text("id");
        var orders = await Http.AtOnceAsync(
            6, _ => user.PostAsJsonAsync(Orders, new { planId = plan }).JsonAsync(201));
        await Http.AtOnceAsync(12, i => Sandbox.TellAsync(services[i % 2], orders[i / 2], $"evt-{i / 2}"));
        var months = await user.ItemsAsync("/api/billing/subscriptions");
        Assert.Equal(6, months.Select(m => m.Text("from")).Distinct().Count());

        // whichever is first, the money that came is there, once
        var raced = await Http.AtOnceAsync(8, _ => user.PostAsJsonAsync(Orders, new { amount = 1 }).JsonAsync(201));
        await Http.AtOnceAsync(16, async i =>
        {
            var order = raced[i / 2];
            using var client = second.As(_user);
            return i % 2 == 0 ? await Sandbox.TellAsync(first, order, $"raced-{i}") : (object)
                (await client.PostAsync($"{Orders}/{order.Text("orderId")}/cancel", null)).StatusCode;
        });
        var paid = await first.PublishedAsync<BillingPaymentSuccess>();
        Assert.Equal(14, paid.Count);
        Assert.Equal(14, paid.Select(p => p.PaymentId).Distinct().Count());
        Assert.Equal(14, (await user.ItemsAsync($"{Orders}?status=paid&limit=100")).Count);
    }

    [Fact]
    public async Task Refunds_at_once_on_two_replicas_never_exceed_the_payment()
    {
        var services = await StartAsync();
        await using var first = services[0];
        await using var second = services[1];
        using var user = first.As(_user);
        var order = await user.PostAsJsonAsync(Orders, new { amount = 10 }).JsonAsync(201);
        await Sandbox.TellAsync(first, order, "evt");
        var path = $"{Orders}/{order.Text("orderId")}";
        var answers = await Http.AtOnceAsync(20, async i =>
        {
            using var staff = services[i % 2].As(Guid.CreateVersion7(), Roles.Operator);
            return (int)(await staff.PostAsJsonAsync($"{path}/refund", new { amount = 3, reason = "r" })).StatusCode;
        });
        Assert.Equal(3, answers.Count(a => a == 202));
        Assert.Equal(17, answers.Count(a => a == 409));
        Assert.Equal(3, (await user.GetAsync(path).JsonAsync()).GetProperty("refunds").GetArrayLength());
    }
}
