using System.Net;
using System.Net.Http.Json;
using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Tests.Payments;
using CloudPhone.Contracts;
using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Tests.Invoices;

static class InvoiceApi
{
    public const string Path = "/api/billing/invoices";

    /// <summary>What the user service tells once it has credited a payment.</summary>
    public static UserBalanceUpdated Credited(this PayService service, OrderAnswer order, long version = 1) => new(
        service.User, order.Amount, order.Amount, "CNY", "payment", service.Clock.GetUtcNow(), version,
        order.PaymentId);

    public static async Task DeliverAllAsync(this PayService service, params UserBalanceUpdated[] events)
    {
        var answers = await Task.WhenAll(events.Select(e => service.DeliverAsync(e)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
    }

    /// <summary>An order that is paid and credited.</summary>
    public static async Task<OrderAnswer> PaidAsync(this PayService service, object body, long version = 1)
    {
        var order = await service.OrderAsync(body);
        await service.TellAsync(order);
        await service.DeliverAllAsync(service.Credited(order, version));
        service.Clock.Advance(TimeSpan.FromSeconds(1)); // ids of one moment have no order
        return order;
    }

    public static async Task<Page<InvoiceView>> InvoicesAsync(this HttpClient client, string query = "limit=100") =>
        (await client.GetFromJsonAsync<Page<InvoiceView>>($"{Path}?{query}", PayService.Json))!;

    /// <summary>The user's, newest first.</summary>
    public static async Task<IReadOnlyList<InvoiceView>> InvoicesAsync(this PayService service)
    {
        using var client = service.As(service.User);
        return (await client.InvoicesAsync()).Items;
    }
}
