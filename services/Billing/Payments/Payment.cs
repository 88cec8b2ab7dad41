using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Work;

namespace CloudPhone.Billing.Payments;

/// <summary>
/// One try to pay an order with one provider. As a row of work it is due when it expires or was given up: the provider
/// is told, or says that it was paid all the same.
/// </summary>
public sealed class Payment : DueRow
{
    public const int MaxReferenceLength = 255;

    public Guid OrderId { get; init; }
    public Guid UserId { get; init; }
    [MaxLength(32)]
    public required string Provider { get; init; }
    public decimal Amount { get; init; }
    [MaxLength(3)]
    public required string Currency { get; init; }
    public PaymentStatus Status { get; private set; }
    /// <summary>Where the user pays; null until the provider has answered.</summary>
    [MaxLength(2048)]
    public string? PayUrl { get; set; }
    /// <summary>The provider's id of the page.</summary>
    [MaxLength(MaxReferenceLength)]
    public string? Reference { get; set; }
    /// <summary>The provider's id of the money, known once it is there: refunds name it.</summary>
    [MaxLength(MaxReferenceLength)]
    public string? Capture { get; set; }
    /// <summary>
    /// It is for the balance: it was ordered so, or came too late for the plan, or a second time, or its refund ended
    /// the plan and failed.
    /// </summary>
    public bool AsTopUp { get; set; }
    public string? Failure { get; set; }
    /// <summary>Why it is not known what became of it; null: nothing stands in the way.</summary>
    public string? Trouble { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? PaidAt { get; set; }

    /// <returns>False, with nothing changed, where its state does not allow it.</returns>
    internal bool Fire(PaymentTrigger trigger)
    {
        if (!PaymentStates.Transitions.TryGetValue((Status, trigger), out var to))
            return false;
        Status = to;
        return true;
    }
}
