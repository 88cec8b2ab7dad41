using System.Globalization;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>
/// Each payment that was credited has one invoice, each refund one credit note, each that failed after all another
/// document that takes the note back, and no number is missing.
/// </summary>
static class InvoiceRules
{
    public static IEnumerable<string> Broken(BilledBooks books)
    {
        var due = books.Payments.Where(p => p.IsPaid).Select(p => (p.UserId, p.Amount, p.Id, RefundId: (Guid?)null))
            .Concat(books.Refunds.Where(r => r.IsDone)
                .Select(r => (r.UserId, Amount: -r.Amount, Id: r.PaymentId, RefundId: (Guid?)r.Id)))
            .Concat(books.Refunds.Where(r => r.Status == "Failed")
                .Select(r => (r.UserId, r.Amount, Id: r.PaymentId, RefundId: (Guid?)r.Id)))
            .Where(d => books.Accounts.ContainsKey(d.UserId)).ToList();
        var made = books.Invoices.Select(i => (i.UserId, i.Amount, Id: i.PaymentId, i.RefundId)).ToList();
        foreach (var missing in due.Except(made))
            yield return $"no invoice for {missing}";
        foreach (var extra in made.Except(due))
            yield return $"an invoice for {extra}, which was not";
        foreach (var more in made.GroupBy(m => (m.Id, m.RefundId, m.Amount > 0)).Where(g => g.Count() > 1))
            yield return $"{more.Count()} invoices for {more.Key}";
        foreach (var month in books.Invoices.GroupBy(i => i.Number[..^6]))
        {
            var numbers = month.Select(i => int.Parse(i.Number[^6..], CultureInfo.InvariantCulture)).Order();
            if (!numbers.SequenceEqual(Enumerable.Range(1, month.Count())))
                yield return $"the numbers {month.Key} are {string.Join(", ", numbers)}";
        }
    }
}
