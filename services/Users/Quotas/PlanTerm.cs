using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace CloudPhone.Users.Quotas;

/// <summary>
/// A plan that was paid, and perhaps its refund, as billing told them. Whichever event comes first makes the row.
/// </summary>
public sealed class PlanTerm
{
    public Guid PaymentId { get; init; }
    public Guid UserId { get; init; }
    [MaxLength(Quota.MaxPlanLength)]
    public string? Code { get; set; }
    /// <summary>Of 30 days.</summary>
    public int Months { get; set; }
    public int MaxDevices { get; set; }
    public int TotalCpuCores { get; set; }
    public int TotalMemoryGB { get; set; }
    /// <summary>Null: only its refund was told so far.</summary>
    public DateTimeOffset? PaidAt { get; set; }
    /// <summary>When it was refunded, which ends it.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    [NotMapped]
    public QuotaLimits Limits
    {
        get => new(MaxDevices, TotalCpuCores, TotalMemoryGB);
        set => (MaxDevices, TotalCpuCores, TotalMemoryGB) = value;
    }
}

/// <summary>
/// The days by which a top-up let the own validity grow, and perhaps its refund. Whichever event comes first makes the
/// row.
/// </summary>
public sealed class TopUpTerm
{
    public Guid PaymentId { get; init; }
    public Guid UserId { get; init; }
    /// <summary>0 where the quota had no end, or an operator has set another since.</summary>
    public int Days { get; set; }
    /// <summary>When all of it had gone back, last; null: never.</summary>
    public DateTimeOffset? RefundedAt { get; set; }
    /// <summary>When a refund of it failed, last; null: none did.</summary>
    public DateTimeOffset? FailedAt { get; set; }
    /// <summary>By how much the validity is shorter for its refund.</summary>
    public TimeSpan Taken { get; set; }

    /// <summary>All of it went back, and nothing of that failed since.</summary>
    [NotMapped]
    public bool IsRefunded => RefundedAt is { } at && !(FailedAt >= at);
}

/// <summary>When a plan is in force.</summary>
/// <param name="Until">Not included.</param>
sealed record PlanPeriod(string Code, QuotaLimits Limits, DateTimeOffset From, DateTimeOffset Until)
{
    static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>
    /// One plan follows the other, in the order in which they were paid; where one is refunded, the next one begins
    /// then. It is a function of the terms alone: no clock, no order of arrival. Billing does the same.
    /// </summary>
    public static List<PlanPeriod> Of(IEnumerable<PlanTerm> terms)
    {
        var periods = new List<PlanPeriod>();
        var last = DateTimeOffset.MinValue;
        foreach (var term in terms.Where(t => t.PaidAt is not null).OrderBy(t => t.PaidAt).ThenBy(t => t.PaymentId))
        {
            var from = term.PaidAt > last ? term.PaidAt.Value : last;
            var until = from + Month * term.Months;
            if (term.EndedAt < until)
                until = term.EndedAt > from ? term.EndedAt.Value : from;
            if (until > from)
                periods.Add(new(term.Code!, term.Limits, from, until));
            last = until;
        }
        return periods;
    }
}
