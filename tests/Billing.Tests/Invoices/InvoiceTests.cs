using System.Net;
using System.Net.Http.Json;
using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Tests.Payments;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Tests.Invoices;

public sealed class InvoiceTests : IAsyncDisposable
{
    readonly PayService _service =
        new(("INVOICE_SELLER", "云手机有限公司"), ("INVOICE_SELLER_DETAILS", "1 Bund, Shanghai"));

    Task<IReadOnlyList<BillingInvoiceGenerated>> ToldAsync() => _service.PublishedAsync<BillingInvoiceGenerated>();

    [Fact]
    public async Task A_credited_payment_has_an_invoice_that_says_what_was_paid()
    {
        var order = await _service.OrderAsync(new { amount = 100 });
        await _service.TellAsync(order);
        Assert.Empty(await _service.InvoicesAsync());
        _service.Clock.Advance(TimeSpan.FromMinutes(1));
        await _service.DeliverAllAsync(_service.Credited(order));

        var invoice = Assert.Single(await _service.InvoicesAsync());
        Assert.Equal(("INV-202611-000001", InvoiceKind.Invoice, InvoiceStatus.Paid, 100m, "CNY"),
            (invoice.Number, invoice.Kind, invoice.Status, invoice.Amount, invoice.Currency));
        Assert.Equal((_service.User, order.OrderId, order.PaymentId, "sandbox", InvoicedItem.TopUp, 0m),
            (invoice.UserId, invoice.OrderId, invoice.PaymentId, invoice.Provider, invoice.Item,
                invoice.RefundedAmount));
        Assert.Equal((PayService.Start, PayService.Start.AddMinutes(1)), (invoice.PaidAt, invoice.IssuedAt));
        Assert.Equal(("云手机有限公司", "1 Bund, Shanghai"), (invoice.SellerName, invoice.SellerDetails));
        Assert.StartsWith("user-", invoice.BuyerName);
        var told = Assert.Single(await ToldAsync());
        Assert.Equal(new(
            invoice.Id, invoice.Number, _service.User, 100, "CNY", invoice.IssuedAt, order.PaymentId), told);
    }

    [Fact]
    public async Task It_says_which_plan_whatever_becomes_of_the_plan()
    {
        using var admin = _service.As(Guid.CreateVersion7(), Roles.Admin);
        var plan = (await admin.GetFromJsonAsync<Page<Plan>>("/api/billing/plans", PayService.Json))!
            .Items.Single(p => p.Code == "basic");
        await _service.PaidAsync(new { planId = plan.Id, months = 3 });
        (await admin.PatchAsJsonAsync($"/api/billing/plans/{plan.Id}", new { name = "Other", pricePerMonth = 1 }))
            .EnsureSuccessStatusCode();
        var invoice = Assert.Single(await _service.InvoicesAsync());
        Assert.Equal((InvoicedItem.Plan, "Basic", 3, 297m),
            (invoice.Item, invoice.PlanName, invoice.Months, invoice.Amount));
    }

    [Fact]
    public async Task Doubles_and_late_news_of_a_payment_are_one_invoice()
    {
        var order = await _service.PaidAsync(new { amount = 7 }, version: 5);
        var again = _service.Credited(order, 5);
        await _service.DeliverAllAsync([.. Enumerable.Repeat(again, 20)]);
        Assert.Single(await _service.InvoicesAsync());

        var other = await _service.OrderAsync(new { amount = 8 });
        await _service.TellAsync(other);
        await _service.DeliverAllAsync(_service.Credited(other, version: 2)); // a later balance is known
        Assert.Equal([8m, 7m], (await _service.InvoicesAsync()).Select(i => i.Amount));
        Assert.Equal(2, (await ToldAsync()).Count);
    }

    [Fact]
    public async Task What_is_no_payment_of_ours_has_none()
    {
        var unpaid = await _service.OrderAsync(new { amount = 7 });
        await _service.DeliverAllAsync(
            _service.Credited(unpaid), _service.Credited(unpaid) with { PaymentId = Guid.CreateVersion7() },
            _service.Credited(unpaid) with { PaymentId = null },
            _service.Credited(unpaid) with { Reason = "adjustment" });
        Assert.Empty(await _service.InvoicesAsync());
        Assert.Empty(await ToldAsync());
    }

    [Fact]
    public async Task Numbers_begin_anew_each_month_and_have_no_gaps()
    {
        List<string> expected =
        [
            .. Enumerable.Range(1, 12).Select(i => $"INV-202611-{i:000000}"),
            .. Enumerable.Range(1, 3).Select(i => $"INV-202612-{i:000000}"),
        ];
        var orders = new List<UserBalanceUpdated>();
        for (var i = 0; i < expected.Count; i++)
        {
            var order = await _service.OrderAsync(new { amount = 1 + i });
            await _service.TellAsync(order);
            orders.Add(_service.Credited(order, i + 1));
        }
        await _service.DeliverAllAsync([.. orders.Take(12), .. orders.Take(12)]);
        _service.Clock.SetUtcNow(new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
        await _service.DeliverAllAsync([.. orders.Skip(12), .. orders]);
        var numbers = (await _service.InvoicesAsync()).Select(i => i.Number).Order(StringComparer.Ordinal);
        Assert.Equal(expected, numbers);
    }

    [Fact]
    public async Task Everybody_reads_their_own_and_operators_all()
    {
        var order = await _service.PaidAsync(new { amount = 7 });
        await _service.PaidAsync(new { amount = 8 }, version: 2);
        var invoice = (await _service.InvoicesAsync())[^1];
        using var owner = _service.As(_service.User);
        Assert.Equal(invoice, await owner.GetFromJsonAsync<InvoiceView>(
            $"{InvoiceApi.Path}/{invoice.Id}", PayService.Json));
        var first = await owner.InvoicesAsync("limit=1");
        Assert.Equal(8, Assert.Single(first.Items).Amount);
        Assert.Equal(7, Assert.Single((await owner.InvoicesAsync($"limit=1&cursor={first.NextCursor}")).Items).Amount);
        Assert.Equal(7, Assert.Single((await owner.InvoicesAsync($"orderId={order.OrderId}")).Items).Amount);

        using var other = _service.As(Guid.CreateVersion7());
        Assert.Empty((await other.InvoicesAsync()).Items);
        Assert.Empty((await other.InvoicesAsync($"userId={_service.User}")).Items);
        Assert.Empty((await other.InvoicesAsync($"orderId={order.OrderId}")).Items);
        using var hidden = await other.GetAsync($"{InvoiceApi.Path}/{invoice.Id}");
        Assert.Equal("not-found", await PayService.ProblemAsync(hidden, HttpStatusCode.NotFound));
        using var staff = _service.As(Guid.CreateVersion7(), Roles.Operator);
        Assert.Equal(2, (await staff.InvoicesAsync($"userId={_service.User}")).Items.Count);
        Assert.Empty((await staff.InvoicesAsync($"userId={Guid.CreateVersion7()}")).Items);
        Assert.Equal(HttpStatusCode.OK, (await staff.GetAsync($"{InvoiceApi.Path}/{invoice.Id}")).StatusCode);
        using var nobody = _service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync(InvoiceApi.Path)).StatusCode);
        Assert.Equal(
            HttpStatusCode.Unauthorized, (await nobody.GetAsync($"{InvoiceApi.Path}/{invoice.Id}")).StatusCode);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
