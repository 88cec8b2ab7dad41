using System.Net;
using System.Net.Http.Json;
using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Refunds;
using CloudPhone.Billing.Tests.Payments;
using CloudPhone.Billing.Tests.Refunds;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;

namespace CloudPhone.Billing.Tests.Invoices;

public sealed class CreditNoteTests : IAsyncLifetime
{
    FakeLedger _ledger = null!;
    PayService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _ledger = await FakeLedger.StartAsync();
        _service = new(_ledger.Setting);
    }

    /// <summary>Asks for it, and waits for its end.</summary>
    async Task<RefundView> RefundAsync(OrderAnswer order, decimal amount)
    {
        using var client = _service.As(Guid.CreateVersion7(), Roles.Operator);
        using var answer = await client.PostAsJsonAsync(
            $"/api/billing/orders/{order.OrderId}/refund", new { amount, reason = "太慢了" });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var asked = (await answer.Content.ReadFromJsonAsync<RefundView>(PayService.Json))!;
        RefundView? now = null;
        await _service.UntilAsync("the refund's end", async () =>
            (now = (await _service.GetAsync(order.OrderId)).Refunds.Single(r => r.Id == asked.Id))
                .CompletedAt is not null);
        return now!;
    }

    [Fact]
    public async Task Each_refund_has_a_credit_note_that_names_its_invoice()
    {
        var order = await _service.PaidAsync(new { amount = 100 });
        var refund = await RefundAsync(order, 30.5m);
        var invoices = await _service.InvoicesAsync();
        var (note, invoice) = (invoices[0], invoices[1]);
        Assert.Equal(("INV-202611-000002", InvoiceKind.CreditNote, InvoiceStatus.Paid, -30.5m, "太慢了"),
            (note.Number, note.Kind, note.Status, note.Amount, note.Reason));
        Assert.Equal((invoice.Id, "INV-202611-000001", refund.Id, order.OrderId, order.PaymentId),
            (note.CorrectsId, note.CorrectsNumber, note.RefundId, note.OrderId, note.PaymentId));
        Assert.Equal((invoice.BuyerName, invoice.SellerName, invoice.UserId),
            (note.BuyerName, note.SellerName, note.UserId));
        Assert.Equal((InvoiceStatus.PartlyRefunded, 30.5m, 100m),
            (invoice.Status, invoice.RefundedAmount, invoice.Amount));
        var told = (await _service.PublishedAsync<BillingInvoiceGenerated>())[^1];
        Assert.Equal((note.Id, note.Number, -30.5m, order.PaymentId, "credit-note", invoice.Number),
            (told.InvoiceId, told.Number, told.Amount, told.PaymentId, told.Kind, told.CorrectsNumber));

        await RefundAsync(order, 69.5m);
        invoices = await _service.InvoicesAsync();
        Assert.Equal([-69.5m, -30.5m, 100m], invoices.Select(i => i.Amount));
        Assert.Equal((InvoiceStatus.Refunded, 100m), (invoices[2].Status, invoices[2].RefundedAmount));
    }

    [Fact]
    public async Task A_refund_that_is_faster_than_the_ledgers_word_has_its_invoice_before_it()
    {
        var order = await _service.OrderAsync(new { amount = 10 });
        await _service.TellAsync(order);
        await RefundAsync(order, 10);
        await _service.DeliverAllAsync(_service.Credited(order), _service.Credited(order));
        Assert.Equal([("INV-202611-000002", -10m), ("INV-202611-000001", 10m)],
            (await _service.InvoicesAsync()).OrderByDescending(i => i.Number, StringComparer.Ordinal)
                .Select(i => (i.Number, i.Amount)));
        Assert.Equal(2, (await _service.PublishedAsync<BillingInvoiceGenerated>()).Count);
    }

    [Fact]
    public async Task A_refund_that_comes_to_nothing_has_none()
    {
        var order = await _service.PaidAsync(new { amount = 100 });
        Assert.Equal(RefundStatus.Refused, (await RefundAsync(order, 0.13m)).Status);
        Assert.Equal(InvoiceStatus.Paid, Assert.Single(await _service.InvoicesAsync()).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _ledger.DisposeAsync();
    }
}
