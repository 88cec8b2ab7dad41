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
    /// <summary>Of a credit note: the money did not go back after all; another document takes the note
    /// back.</summary>
    Reversed,
}

/// <param name="Amount">Negative on a credit note.</param>
/// <param name="RefundedAmount">What credit notes have taken back, and nobody took back from them.</param>
/// <param name="PlanName">Null: the sum was for the balance.</param>
/// <param name="PaidAt">When the money came, or went back.</param>
/// <param name="CorrectsId">The invoice that a credit note takes back, or the credit note that a reversal
/// does.</param>
/// <param name="Reason">Of the refund, or of its failure.</param>
public sealed record InvoiceView(
    Guid Id, string Number, InvoiceKind Kind, InvoiceStatus Status, Guid UserId, string BuyerName, string SellerName,
    string? SellerDetails, decimal Amount, decimal RefundedAmount, string Currency, InvoicedItem Item,
    string? PlanName, int? Months, Guid OrderId, Guid PaymentId, string Provider, DateTimeOffset PaidAt,
    DateTimeOffset IssuedAt, Guid? RefundId, Guid? CorrectsId, string? CorrectsNumber, string? Reason)
{
    internal static InvoiceView Of(Invoice i, decimal refunded, bool isReversed) => new(
        i.Id, i.Number, i.Kind,
        isReversed ? InvoiceStatus.Reversed
            : refunded == 0 ? InvoiceStatus.Paid
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
        var notes = db.Invoices.Where(c => ids.Contains(c.CorrectsId)).Select(c => new
        {
            c.CorrectsId, c.Kind, c.Amount, IsReversed = db.Invoices.Any(r => r.CorrectsId == c.Id),
        });
        var found = (await notes.ToListAsync(ct)).ToLookup(c => c.CorrectsId);
        return [.. invoices.Select(i => InvoiceView.Of(
            i, -found[i.Id].Where(c => c.Kind == InvoiceKind.CreditNote && !c.IsReversed).Sum(c => c.Amount),
            found[i.Id].Any(c => c.Kind == InvoiceKind.Reversal)))];
    }
}
