using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Invoices;

public enum InvoiceStatus
{
    /// <summary>The money has come; of a credit note: it has gone back.</summary>
    Paid,
    /// <summary>Credit notes have taken back some of it.</summary>
    PartlyRefunded,
    /// <summary>Credit notes have taken back all of it.</summary>
    Refunded,
}

/// <param name="Amount">Negative on a credit note.</param>
/// <param name="RefundedAmount">What credit notes have taken back.</param>
/// <param name="PlanName">Null: the sum was for the balance.</param>
/// <param name="PaidAt">When the money came, or went back.</param>
/// <param name="CorrectsId">The invoice that a credit note takes back.</param>
/// <param name="Reason">Of the refund.</param>
public sealed record InvoiceView(
    Guid Id, string Number, InvoiceKind Kind, InvoiceStatus Status, Guid UserId, string BuyerName, string SellerName,
    string? SellerDetails, decimal Amount, decimal RefundedAmount, string Currency, InvoicedItem Item,
    string? PlanName, int? Months, Guid OrderId, Guid PaymentId, string Provider, DateTimeOffset PaidAt,
    DateTimeOffset IssuedAt, Guid? RefundId, Guid? CorrectsId, string? CorrectsNumber, string? Reason)
{
    internal static InvoiceView Of(Invoice i, decimal refunded) => new(
        i.Id, i.Number, i.Kind,
        refunded == 0 ? InvoiceStatus.Paid
            : refunded < i.Amount ? InvoiceStatus.PartlyRefunded : InvoiceStatus.Refunded,
        i.UserId, i.BuyerName, i.SellerName, i.SellerDetails, i.Amount, refunded, i.Currency, i.Item, i.PlanName,
        i.Months, i.OrderId, i.PaymentId, i.Provider, i.PaidAt, i.IssuedAt, i.RefundId, i.CorrectsId,
        i.CorrectsNumber, i.Reason);
}

static class InvoiceViews
{
    public static async Task<List<InvoiceView>> ViewsAsync(
        this BillingDb db, IReadOnlyList<Invoice> invoices, CancellationToken ct)
    {
        var ids = invoices.Select(i => (Guid?)i.Id).ToList();
        var credits = (await db.Invoices.Where(c => ids.Contains(c.CorrectsId))
            .Select(c => new { c.CorrectsId, c.Amount }).ToListAsync(ct)).ToLookup(c => c.CorrectsId, c => c.Amount);
        return [.. invoices.Select(i => InvoiceView.Of(i, -credits[i.Id].Sum()))];
    }
}
