using System.Linq.Expressions;
using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Refunds;
using CloudPhone.Contracts;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Invoices;

/// <summary>
/// Writes invoices and credit notes: one for each payment and refund, however often it is told of, with the event in
/// the same transaction.
/// </summary>
sealed partial class Invoicing(
    BillingDb db, Outbox outbox, InvoiceOptions options, TimeProvider clock, ILogger<Invoicing> log)
{
    /// <summary>The user service has credited a payment, so the user can use what it paid for.</summary>
    public async Task OnBalanceUpdatedAsync(UserBalanceUpdated e, CancellationToken ct)
    {
        if (e is { Reason: "payment", PaymentId: { } paymentId } && await ForPaymentAsync(paymentId, ct) is null)
            UnknownPayment(log, paymentId, e.Delta, e.UserId);
    }

    /// <summary>The invoice of what was paid back comes first, where the ledger's word for it is still on its
    /// way.</summary>
    public async Task CreditAsync(Refund refund, CancellationToken ct)
    {
        var invoice = await ForPaymentAsync(refund.PaymentId, ct)
            ?? throw new InvalidOperationException($"refund {refund.Id} is of no payment");
        await WriteAsync(i => i.RefundId == refund.Id && i.Kind == InvoiceKind.CreditNote, (number, now) => new()
        {
            Id = Guid.CreateVersion7(now), Number = number, Kind = InvoiceKind.CreditNote, UserId = refund.UserId,
            BuyerName = invoice.BuyerName, SellerName = invoice.SellerName, SellerDetails = invoice.SellerDetails,
            Amount = -refund.Amount, Currency = refund.Currency, Item = invoice.Item, PlanName = invoice.PlanName,
            Months = invoice.Months, OrderId = refund.OrderId, PaymentId = refund.PaymentId,
            Provider = invoice.Provider, PaidAt = refund.CompletedAt!.Value, Day = DayOf(refund.CompletedAt.Value),
            IssuedAt = now, RefundId = refund.Id, CorrectsId = invoice.Id, CorrectsNumber = invoice.Number,
            Reason = refund.Reason,
        }, ct);
    }

    /// <summary>Takes the credit note of a refund back that has failed after all.</summary>
    public async Task ReverseAsync(Refund refund, DateTimeOffset failedAt, CancellationToken ct)
    {
        var note = await db.Invoices.AsNoTracking()
            .SingleAsync(i => i.RefundId == refund.Id && i.Kind == InvoiceKind.CreditNote, ct);
        await WriteAsync(i => i.RefundId == refund.Id && i.Kind == InvoiceKind.Reversal, (number, now) => new()
        {
            Id = Guid.CreateVersion7(now), Number = number, Kind = InvoiceKind.Reversal, UserId = note.UserId,
            BuyerName = note.BuyerName, SellerName = note.SellerName, SellerDetails = note.SellerDetails,
            Amount = -note.Amount, Currency = note.Currency, Item = note.Item, PlanName = note.PlanName,
            Months = note.Months, OrderId = note.OrderId, PaymentId = note.PaymentId, Provider = note.Provider,
            PaidAt = failedAt, Day = DayOf(failedAt), IssuedAt = now, RefundId = refund.Id, CorrectsId = note.Id,
            CorrectsNumber = note.Number, Reason = Short(refund.Failure) ?? "The refund failed.",
        }, ct);
    }

    static string? Short(string? text) =>
        text is { Length: > Refund.MaxReasonLength } ? text[..Refund.MaxReasonLength] : text;

    /// <returns>Null: no such payment has come.</returns>
    async Task<Invoice?> ForPaymentAsync(Guid paymentId, CancellationToken ct)
    {
        if (await db.Payments.AsNoTracking().SingleOrDefaultAsync(p => p.Id == paymentId, ct) is not
            { Status: PaymentStatus.Succeeded, PaidAt: { } paidAt } payment)
            return null;
        var order = await db.Orders.AsNoTracking().SingleAsync(o => o.Id == payment.OrderId, ct);
        var plan = payment.AsTopUp ? null
            : await db.Plans.Where(p => p.Id == order.PlanId).Select(p => p.Name).SingleOrDefaultAsync(ct);
        return await WriteAsync(i => i.PaymentId == payment.Id && i.RefundId == null, (number, now) => new()
        {
            Id = Guid.CreateVersion7(now), Number = number, UserId = payment.UserId,
            BuyerName = order.BuyerName is { Length: > 0 } name ? name : payment.UserId.ToString(),
            SellerName = options.SellerName, SellerDetails = options.SellerDetails, Amount = payment.Amount,
            Currency = payment.Currency, Item = plan is null ? InvoicedItem.TopUp : InvoicedItem.Plan, PlanName = plan,
            Months = plan is null ? null : order.Months, OrderId = order.Id, PaymentId = payment.Id,
            Provider = payment.Provider, PaidAt = paidAt, Day = DayOf(paidAt), IssuedAt = now,
        }, ct);
    }

    /// <summary>In a turn of its month, so that nobody else writes the same one meanwhile.</summary>
    async Task<Invoice> WriteAsync(
        Expression<Func<Invoice, bool>> same, Func<string, DateTimeOffset, Invoice> make,
        CancellationToken ct)
    {
        var known = db.Invoices.AsNoTracking().Where(same);
        if (await known.SingleOrDefaultAsync(ct) is { } before)
            return before;
        var now = clock.GetUtcNow();
        var month = await db.TakeTurnAsync(now, ct);
        if (await known.SingleOrDefaultAsync(ct) is { } meanwhile)
            return meanwhile;
        var invoice = make(month.Next(), now);
        db.Add(invoice);
        outbox.Add(new BillingInvoiceGenerated(
            invoice.Id, invoice.Number, invoice.UserId, invoice.Amount, invoice.Currency, now, invoice.PaymentId,
            Word(invoice.Kind), invoice.CorrectsNumber));
        await db.SaveChangesAsync(ct);
        return invoice;
    }

    static string? Word(InvoiceKind kind) => kind switch
    {
        InvoiceKind.CreditNote => "credit-note",
        InvoiceKind.Reversal => "credit-note-reversal",
        _ => null,
    };

    static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    [LoggerMessage(1, LogLevel.Error, "No invoice for {Payment} of {Amount} by user {User}: no such payment has come")]
    static partial void UnknownPayment(ILogger log, Guid payment, decimal amount, Guid user);
}
