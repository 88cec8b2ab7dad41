using CloudPhone.Billing.Metering;
using CloudPhone.Billing.Plans;

namespace CloudPhone.Billing.Charging;

/// <summary>What one step charges for one usage record.</summary>
/// <param name="From">Where the charge before it ended.</param>
/// <param name="Until">Not after the end of the day of <paramref name="From"/>.</param>
/// <param name="IsLast">False: there is more to be charged, from the next day on.</param>
sealed record Charge(UsageRecord Record, DateTimeOffset From, DateTimeOffset Until, bool IsLast)
{
    public long Seconds { get; init; }
    /// <summary>Those of them that the plan pays for; negative where some are given back.</summary>
    public long Included { get; init; }
    public decimal Amount { get; init; }
    public Subscription? Subscription { get; init; }

    /// <summary>The next charge begins where this one ends. One that is none leaves its time to the next.</summary>
    public bool IsCharge => Seconds != 0 || Amount != 0 || !IsLast;

    /// <summary>
    /// Charges each record up to what its facts say, or up to the day's end. The sum of a record's charges is always
    /// its price for its seconds so far, so whatever the facts have changed is put right by the next one.
    /// <see cref="ChargeStatement"/> does the same in the database.
    /// </summary>
    /// <returns>In the order in which they take the hours that a plan includes.</returns>
    public static List<Charge> Of(
        IEnumerable<UsageRecord> records, IReadOnlyCollection<Subscription> subscriptions, DateTimeOffset now)
    {
        var left = subscriptions.ToDictionary(s => s.Id, s => Math.Max(0, s.IncludedSeconds - s.UsedSeconds));
        return [.. records.Select(r => Meter(r, now)).OrderBy(c => c.From).ThenBy(c => c.Record.DeviceId)
            .ThenBy(c => c.Record.Id).Select(c => Price(c, subscriptions, left))];
    }

    /// <summary>Writes the charges down in their records and subscriptions.</summary>
    public static void Apply(IReadOnlyCollection<Charge> charges)
    {
        foreach (var (record, charge) in charges.Select(c => (c.Record, c)))
        {
            record.ChargedUntil = charge.IsCharge ? charge.Until : record.ChargedUntil;
            record.ChargedSeconds += charge.Seconds;
            record.IncludedSeconds += charge.Included;
            record.ChargedAmount += charge.Amount;
            record.ChargedChanges = charge.IsLast ? record.Changes : record.ChargedChanges;
        }
        foreach (var taken in charges.Where(c => c is { Subscription: not null }).GroupBy(c => c.Subscription!))
            taken.Key.UsedSeconds = Math.Max(0, taken.Key.UsedSeconds + taken.Sum(c => c.Included));
    }

    static Charge Meter(UsageRecord record, DateTimeOffset now)
    {
        var from = record.ChargedUntil ?? record.StartedAt ?? now;
        var end = record.StoppedAt ?? record.PausedAt ?? now;
        var midnight = new DateTimeOffset(from.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
        var until = end < midnight ? end : midnight;
        until = until > from ? until : from;
        var seconds = record.SecondsUntil(until);
        if (until < end)
            seconds = Math.Max(seconds, record.ChargedSeconds); // what is too much is put right by the last
        return new(record, from, until, until >= end) { Seconds = seconds - record.ChargedSeconds };
    }

    static Charge Price(Charge c, IReadOnlyCollection<Subscription> subscriptions, Dictionary<Guid, long> left)
    {
        var r = c.Record;
        var subscription = subscriptions.FirstOrDefault(
            s => s.UserId == r.UserId && s.From <= c.From && c.From < s.Until);
        // what is given back was paid last, and hours that a plan gets back are there from the next step on
        var included = c.Seconds < 0 ? -Math.Max(0, -c.Seconds - (r.ChargedSeconds - r.IncludedSeconds))
            : subscription is null ? 0 : Math.Min(c.Seconds, left[subscription.Id]);
        if (included > 0)
            left[subscription!.Id] -= included;
        var paid = r.ChargedSeconds + c.Seconds - r.IncludedSeconds - included;
        return c with
        {
            Included = included,
            Subscription = subscription,
            Amount = r.Price(paid) - r.ChargedAmount,
        };
    }
}
