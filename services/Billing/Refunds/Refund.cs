using System.ComponentModel.DataAnnotations;
using CloudPhone.Billing.Payments;
using CloudPhone.Shared.Work;

namespace CloudPhone.Billing.Refunds;

/// <summary>
/// Money on its way back: first it is held in the user's ledger, then the provider pays it back; where that refuses,
/// the hold is taken back. The row says how far it is, so whoever finds it can go on.
/// </summary>
public sealed class Refund : DueRow
{
    public const int MaxReasonLength = 200;

    public Guid OrderId { get; init; }
    public Guid PaymentId { get; init; }
    public Guid UserId { get; init; }
    public decimal Amount { get; init; }
    [MaxLength(3)]
    public required string Currency { get; init; }
    [MaxLength(MaxReasonLength)]
    public required string Reason { get; init; }
    /// <summary>The operator; null: somebody paid back at the provider itself.</summary>
    public Guid? ActorId { get; init; }
    public RefundStatus Status { get; private set; }
    /// <summary>The provider's id of it.</summary>
    [MaxLength(Payment.MaxReferenceLength)]
    public string? Reference { get; set; }
    /// <summary>Why it came to nothing.</summary>
    public string? Failure { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it was done or refused.</summary>
    public DateTimeOffset? CompletedAt { get; set; }

    /// <returns>False, with nothing changed, where its state does not allow it.</returns>
    internal bool Fire(RefundTrigger trigger)
    {
        if (!RefundStates.Transitions.TryGetValue((Status, trigger), out var to))
            return false;
        Status = to;
        return true;
    }
}
