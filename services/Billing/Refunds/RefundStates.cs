using CloudPhone.Billing.Payments;
using static CloudPhone.Billing.Refunds.RefundStatus;

namespace CloudPhone.Billing.Refunds;

public enum RefundStatus
{
    Requested,
    /// <summary>The ledger has put the money aside; the provider is asked, perhaps again and again.</summary>
    Held,
    /// <summary>The provider refused; the ledger gets its money back.</summary>
    Releasing,
    Completed,
    Refused,
    /// <summary>The provider said that it was done, and later that it failed after all: the money is here
    /// again.</summary>
    Failed,
}

enum RefundTrigger
{
    Hold,
    RefuseHold,
    PayBack,
    RefusePayBack,
    Release,
    /// <summary>Somebody made it at the provider by hand.</summary>
    FoundPaidBack,
    /// <summary>And it came to nothing there.</summary>
    FoundRefused,
}

/// <summary>All changes of state that there are. What is not in it is refused.</summary>
static class RefundStates
{
    public static readonly IReadOnlyDictionary<(RefundStatus From, RefundTrigger Trigger), RefundStatus> Transitions =
        new Dictionary<(RefundStatus, RefundTrigger), RefundStatus>
        {
            [(Requested, RefundTrigger.Hold)] = Held,
            [(Requested, RefundTrigger.RefuseHold)] = Refused,
            [(Requested, RefundTrigger.FoundPaidBack)] = Completed,
            [(Requested, RefundTrigger.FoundRefused)] = Refused,
            [(Held, RefundTrigger.PayBack)] = Completed,
            [(Held, RefundTrigger.RefusePayBack)] = Releasing,
            [(Releasing, RefundTrigger.Release)] = Refused,
            [(Completed, RefundTrigger.RefusePayBack)] = Failed,
            [(Completed, RefundTrigger.FoundRefused)] = Failed,
        };

    /// <param name="isByHand">Nobody asked for it here.</param>
    /// <returns>Null: it goes on as it did.</returns>
    public static RefundTrigger? TriggerOf(RefundState told, bool isByHand = false) => told switch
    {
        RefundState.Done => isByHand ? RefundTrigger.FoundPaidBack : RefundTrigger.PayBack,
        RefundState.Refused => isByHand ? RefundTrigger.FoundRefused : RefundTrigger.RefusePayBack,
        _ => null,
    };
}
