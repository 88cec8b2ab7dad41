using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Invariants;

/// <summary>
/// What must be true of all money when nothing is on its way (I5, I6): none is lost, none is made, and what is charged
/// is what ran.
/// </summary>
static class BilledRules
{
    /// <summary>Waits until no rule is broken: what is still on its way arrives.</summary>
    /// <exception cref="TimeoutException">Some still are; the message says which.</exception>
    public static async Task<BilledBooks> UntilHoldAsync(RunningPlatform platform, double seconds = 120)
    {
        BilledBooks? books = null;
        IReadOnlyList<string> broken = [];
        try
        {
            await Wait.UntilAsync("the money to be right", () =>
                !Databases.IsAtWork(platform)
                && (broken = [.. Broken(books = BilledBooks.Read(platform))]).Count == 0, seconds, every: 0.3);
            return books!;
        }
        catch (TimeoutException e)
        {
            var reasons = string.Join('\n', broken.Concat(Databases.Pending(platform)).Take(40));
            throw new TimeoutException($"{e.Message}; broken are:\n{reasons}", e);
        }
    }

    public static IEnumerable<string> Broken(BilledBooks books) =>
    [
        .. books.Accounts.SelectMany(a => MoneyRules.Account(a.Key, a.Value)), .. Entries(books), .. Told(books),
        .. Orders(books), .. Charged(books), .. Days(books), .. InvoiceRules.Broken(books),
        .. MeteredRules.Broken(books),
    ];

    /// <summary>Each payment, plan, refund and charge of billing has its one entry, and there are no others.</summary>
    static IEnumerable<string> Entries(BilledBooks books)
    {
        var due = Due(books).Where(d => books.Accounts.ContainsKey(d.User)).ToLookup(d => (d.Reason, d.Cause));
        var entries = books.Accounts.SelectMany(a => a.Value.Entries.Where(e => e.Reason != "adjustment")
            .Select(e => new Entry(a.Key, e.Amount, e.Reason, e.CauseId))).ToLookup(e => (e.Reason, e.Cause));
        foreach (var cause in due.Select(d => d.Key).Union(entries.Select(e => e.Key)))
            if (!due[cause].SequenceEqual(entries[cause]))
                yield return $"{cause.Reason} {cause.Cause} is [{string.Join(", ", due[cause])}] in billing and "
                    + $"[{string.Join(", ", entries[cause])}] in the ledger";
    }

    sealed record Entry(Guid User, decimal Amount, string Reason, Guid Cause);

    static IEnumerable<Entry> Due(BilledBooks books)
    {
        foreach (var p in books.Payments.Where(p => p.IsPaid))
        {
            yield return new(p.UserId, p.Amount, "payment", p.Id);
            if (!p.AsTopUp)
                yield return new(p.UserId, -p.Amount, "plan", p.Id);
        }
        var plans = books.Payments.Where(p => !p.AsTopUp).Select(p => p.Id).ToHashSet();
        foreach (var r in books.Refunds)
        {
            // what a refund that failed gave back is in the balance: from then on they are of that
            var isPlan = plans.Contains(r.PaymentId) && !books.Refunds.Any(
                o => o.PaymentId == r.PaymentId && o.Status == "Failed" && o.Id.CompareTo(r.Id) < 0);
            if (!r.IsDone && (isPlan || (r.Status == "Refused" && !IsHeld(books, r))))
                continue; // a plan's price was in no balance that could hold it, and what was not there was not held
            if (isPlan)
                yield return new(r.UserId, r.Amount, "plan-refunded", r.Id);
            yield return new(r.UserId, -r.Amount, "refund", r.Id);
            if (r.Status is "Refused" or "Failed")
                yield return new(r.UserId, r.Amount, "refund-released", r.Id);
        }
        foreach (var c in books.Charges.Where(c => c.Amount != 0))
            yield return new(c.UserId, -c.Amount, "usage", c.ChargeId);
    }

    static LedgerRow? Hold(BilledBooks books, RefundRow refund) =>
        books.Accounts.GetValueOrDefault(refund.UserId)?.Entries
            .FirstOrDefault(e => (e.Reason, e.CauseId) == ("refund", refund.Id));

    static bool IsHeld(BilledBooks books, RefundRow refund) => Hold(books, refund) is not null;

    /// <summary>Billing knows each balance that ever changed.</summary>
    static IEnumerable<string> Told(BilledBooks books)
    {
        var told = books.Told.ToDictionary(t => t.UserId);
        foreach (var (user, account) in books.Accounts.Where(a => a.Value.Entries.Count > 0))
            if (told.GetValueOrDefault(user) is not { } known
                || (known.Balance, known.Version) != (account.Balance, account.Entries.Max(e => e.Version)))
                yield return $"billing knows {told.GetValueOrDefault(user)}, the account has {account.Balance}";
    }

    /// <summary>What is paid for was paid; what went back was there, and did not go back twice.</summary>
    static IEnumerable<string> Orders(BilledBooks books)
    {
        var (payments, refunds) = (books.Payments.ToLookup(p => p.OrderId), books.Refunds.ToLookup(r => r.OrderId));
        foreach (var order in books.Orders)
        {
            var isPaid = order.Status is "Paid" or "Refunded";
            if (payments[order.Id].Any(p => p.IsPaid) != isPaid
                || isPaid && !payments[order.Id].Any(p => p.IsPaid && p.Id == order.PaymentId))
                yield return $"{order} has the payments [{string.Join(", ", payments[order.Id])}]";
            var back = refunds[order.Id].Where(r => r.Status == "Completed").Sum(r => r.Amount);
            var paid = payments[order.Id].Where(p => p.IsPaid).Sum(p => p.Amount);
            if (back != order.Refunded || back > paid || (back > 0 && back == paid) != (order.Status == "Refunded"))
                yield return $"{order}, of which {paid} were paid, has the refunds "
                    + $"[{string.Join(", ", refunds[order.Id])}]";
        }
        foreach (var refund in books.Refunds.Where(r => !r.IsDone && r.Status != "Refused"))
            yield return $"{refund} is under way";
        var topUps = books.Payments.Where(p => p.AsTopUp).Select(p => p.Id).ToHashSet();
        foreach (var refund in books.Refunds.Where(
            r => r.IsAsked && topUps.Contains(r.PaymentId) && Hold(books, r) is { BalanceAfter: < 0 }))
            yield return $"{refund} was more than the balance";
    }

    /// <summary>Every charge is of a usage record, and their sum is what the record costs.</summary>
    static IEnumerable<string> Charged(BilledBooks books)
    {
        var charges = books.Charges.ToLookup(c => c.UsageId);
        foreach (var orphan in charges.Select(c => c.Key).Except(books.Bills.Select(b => b.Id)))
            yield return $"{charges[orphan].Count()} charges of the usage record {orphan}, which is not there";
        foreach (var bill in books.Bills)
        {
            var told = (charges[bill.Id].Sum(c => c.Seconds), charges[bill.Id].Sum(c => c.Amount));
            if (told != (bill.ChargedSeconds, bill.Charged))
                yield return $"charges of {told} for {bill}";
            if (bill.IsClosed && (bill.IsDue || (bill.Seconds, bill.Price) != (bill.ChargedSeconds, bill.Charged)))
                yield return $"not charged to its end is {bill}, which costs {bill.Price}";
        }
    }

    /// <summary>What is shown by day is what was charged.</summary>
    static IEnumerable<string> Days(BilledBooks books)
    {
        var charged = books.Charges.ToLookup(c => (c.DeviceId, c.UserId, DateOnly.FromDateTime(c.From.UtcDateTime)));
        var shown = books.Days.ToLookup(d => (d.DeviceId, d.UserId, d.Day));
        foreach (var day in charged.Select(c => c.Key).Union(shown.Select(s => s.Key)))
        {
            var charge = (charged[day].Sum(c => c.Seconds), charged[day].Sum(c => c.Amount));
            if (charge != (shown[day].Sum(s => s.Seconds), shown[day].Sum(s => s.Amount)))
                yield return $"charges of {charge} on {day} are shown as [{string.Join(", ", shown[day])}]";
        }
    }
}
