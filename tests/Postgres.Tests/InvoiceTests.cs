using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Postgres.Tests;

/// <summary>Two replicas on one database, which events reach in turn.</summary>
public sealed class InvoiceTests(Server server)
{
    readonly Guid _user = Guid.CreateVersion7();

    [Fact]
    public async Task Fifty_payments_credited_at_once_have_numbers_without_gaps_and_one_invoice_each()
    {
        var url = await server.CreateDatabaseAsync();
        await using var first = Sandbox.On(url);
        await using var second = Sandbox.On(url);
        using var user = first.As(_user);
        var orders = await Http.AtOnceAsync(50, async i =>
        {
            var order = await user.PostAsJsonAsync("/api/billing/orders", new { amount = 1 + i }).JsonAsync(201);
            await Sandbox.TellAsync(first, order, $"evt-{i}");
            return order;
        });
        // each twice, under event ids of their own
        var answers = await Http.AtOnceAsync(
            100, i => (i % 2 == 0 ? first : second).DeliverAsync(Credited(orders, i / 2)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        var invoices = await user.ItemsAsync("/api/billing/invoices?limit=100");
        var month = DateTimeOffset.UtcNow;
        Assert.Equal(Enumerable.Range(1, 50).Select(n => FormattableString.Invariant(
                $"INV-{month:yyyyMM}-{n:000000}")),
            invoices.Select(i => i.Text("number")).Order(StringComparer.Ordinal));
        Assert.Equal(orders.Select(o => o.Text("paymentId")).Order(StringComparer.Ordinal),
            invoices.Select(i => i.Text("paymentId")).Order(StringComparer.Ordinal));
        Assert.Equal(invoices.Select(i => i.Text("number")).Order(StringComparer.Ordinal),
            (await first.PublishedAsync<BillingInvoiceGenerated>()).Select(e => e.Number)
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Revenue_adds_up_what_was_paid_and_charged()
    {
        var url = await server.CreateDatabaseAsync();
        await using var service = Sandbox.On(url);
        using var user = service.As(_user);
        var order = await user.PostAsJsonAsync("/api/billing/orders", new { amount = 12.34 }).JsonAsync(201);
        await Sandbox.TellAsync(service, order, "evt");
        await service.DeliverAsync(Credited([order], 0));
        var device = Guid.CreateVersion7();
        var now = DateTimeOffset.UtcNow;
        await service.DeliverAsync(new DeviceCreated(device, _user, "p", "phone", 2, 4, Guid.Empty, now, 1));
        await service.DeliverAsync(new DeviceStarted(device, _user, "p", 2, 4, now.AddHours(-2), 2));
        await service.DeliverAsync(new DeviceStopped(device, _user, "p", "user", now, 3));
        using var staff = service.As(Guid.CreateVersion7(), Roles.Operator);
        var revenue = default(JsonElement);
        await Wait.UntilAsync("the charge of both days, where one began between", async () =>
        {
            revenue = await staff.GetAsync("/api/billing/revenue").JsonAsync();
            return revenue.GetProperty("charged").GetDecimal() >= 1.8m;
        });
        Assert.Equal((12.34m, 0m, 12.34m, 1.8m),
            (revenue.GetProperty("payments").GetDecimal(), revenue.GetProperty("refunds").GetDecimal(),
                revenue.GetProperty("net").GetDecimal(), revenue.GetProperty("charged").GetDecimal()));
        Assert.Equal(30, revenue.GetProperty("items").GetArrayLength());
    }

    UserBalanceUpdated Credited(JsonElement[] orders, int i)
    {
        var amount = orders[i].GetProperty("amount").GetDecimal();
        return new(_user, amount, amount, "CNY", "payment", DateTimeOffset.UtcNow, i + 1,
            orders[i].GetProperty("paymentId").GetGuid());
    }
}
