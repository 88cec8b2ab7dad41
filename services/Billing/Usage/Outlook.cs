using CloudPhone.Billing.Metering;
using CloudPhone.Billing.Plans;

namespace CloudPhone.Billing.Usage;

/// <summary>How long included hours and balance last if what runs now goes on.</summary>
/// <param name="running">What is metered now.</param>
/// <param name="subscriptions">With what was used up to now.</param>
sealed class Outlook(
    IReadOnlyCollection<UsageRecord> running, IReadOnlyCollection<Subscription> subscriptions, DateTimeOffset now)
{
    readonly List<Subscription> _ahead = [.. subscriptions.Where(s => s.Until > now).OrderBy(s => s.From)];

    public decimal PerHour { get; } = running.Sum(u => u.PricePerHour);

    /// <summary>Of the subscription of this moment.</summary>
    public long IncludedSecondsLeft => _ahead.Where(s => s.From <= now).Sum(Left);

    /// <summary>All phones share included hours, so either none takes anything from the balance or all do.</summary>
    public decimal PerHourFromBalance => IncludedSecondsLeft > 0 ? 0 : PerHour;

    /// <summary>When the balance is taken from again, be it that the hours are used up or that their plan ends and none
    /// follows; null: nothing runs, or it is taken from now.</summary>
    public DateTimeOffset? IncludedUntil
    {
        get
        {
            if (running.Count == 0)
                return null;
            var until = now;
            foreach (var s in _ahead)
            {
                if (s.From > until)
                    break;
                until = Min(s.Until, until + Lasts(s));
                if (until < s.Until)
                    break;
            }
            return until > now ? until : null;
        }
    }

    /// <param name="balance">After all that is to be charged up to now.</param>
    /// <returns>Until there is neither the one nor the other; null: nothing runs, or what runs costs nothing.</returns>
    public decimal? HoursLeft(decimal balance)
    {
        if (PerHour <= 0)
            return null;
        var (hours, paid) = (0m, Math.Max(0, balance) / PerHour);
        foreach (var s in _ahead)
        {
            var begins = Hours(s.From - now);
            if (begins > hours + paid)
                break; // used up before it is there
            if (begins > hours)
                (hours, paid) = (begins, paid - (begins - hours));
            hours += Hours(Min(s.Until, Max(s.From, now) + Lasts(s)) - Max(s.From, now));
        }
        return decimal.Round(hours + paid, 2);
    }

    static long Left(Subscription s) => Math.Max(0, s.IncludedSeconds - s.UsedSeconds);

    TimeSpan Lasts(Subscription s) => TimeSpan.FromSeconds(Left(s)) / running.Count;

    static decimal Hours(TimeSpan time) => (decimal)time.Ticks / TimeSpan.TicksPerHour;

    static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
