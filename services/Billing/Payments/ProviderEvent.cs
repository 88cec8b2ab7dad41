using System.ComponentModel.DataAnnotations;

namespace CloudPhone.Billing.Payments;

/// <summary>What a provider has told and had its effect; never removed, so that nothing has it twice.</summary>
public sealed class ProviderEvent
{
    [MaxLength(32)]
    public required string Provider { get; init; }
    [MaxLength(Payment.MaxReferenceLength)]
    public required string EventId { get; init; }
    [MaxLength(64)]
    public required string Type { get; init; }
    public Guid PaymentId { get; init; }
    public DateTimeOffset At { get; init; }
}
