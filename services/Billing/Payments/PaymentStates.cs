using static CloudPhone.Billing.Payments.PaymentStatus;

namespace CloudPhone.Billing.Payments;

public enum PaymentStatus { Pending, Succeeded, Failed, Cancelled, Expired }

enum PaymentTrigger { Succeed, Fail, Cancel, Expire }

/// <summary>
/// All changes of state that there are. Money that came is a fact, whatever was thought of the payment before.
/// </summary>
static class PaymentStates
{
    public static readonly IReadOnlyDictionary<(PaymentStatus From, PaymentTrigger Trigger), PaymentStatus>
        Transitions = new Dictionary<(PaymentStatus, PaymentTrigger), PaymentStatus>
        {
            [(Pending, PaymentTrigger.Succeed)] = Succeeded,
            [(Pending, PaymentTrigger.Fail)] = Failed,
            [(Pending, PaymentTrigger.Cancel)] = Cancelled,
            [(Pending, PaymentTrigger.Expire)] = Expired,
            [(Failed, PaymentTrigger.Succeed)] = Succeeded,
            [(Cancelled, PaymentTrigger.Succeed)] = Succeeded,
            [(Expired, PaymentTrigger.Succeed)] = Succeeded,
        };
}
