namespace CloudPhone.Users.Quotas;

enum HoldingTrigger
{
    Reserve,
    Increment,
    Decrement,
    Expire,

    /// <summary>The device service says that the phone exists, though it isn't counted, or with another size.</summary>
    Found,
}

/// <summary>What a trigger does to the sums of the quota.</summary>
enum Effect
{
    None,

    /// <summary>Takes, if limits and validity allow it.</summary>
    TakeWithinLimits,

    /// <summary>Takes, even beyond the limits: the phone is there.</summary>
    Take,

    GiveBack,
}

/// <summary>The life of a holding as one table: doubled, late and reordered reports end in the same state.</summary>
static class HoldingRules
{
    static readonly Dictionary<(HoldingState?, HoldingTrigger), (HoldingState To, Effect Effect)> Table = new()
    {
        [(null, HoldingTrigger.Reserve)] = (HoldingState.Reserved, Effect.TakeWithinLimits),
        // again: it lives longer
        [(HoldingState.Reserved, HoldingTrigger.Reserve)] = (HoldingState.Reserved, Effect.None),
        [(HoldingState.Expired, HoldingTrigger.Reserve)] = (HoldingState.Reserved, Effect.TakeWithinLimits),

        [(null, HoldingTrigger.Increment)] = (HoldingState.Counted, Effect.Take),
        [(HoldingState.Reserved, HoldingTrigger.Increment)] = (HoldingState.Counted, Effect.None),
        [(HoldingState.Expired, HoldingTrigger.Increment)] = (HoldingState.Counted, Effect.Take),

        [(null, HoldingTrigger.Decrement)] = (HoldingState.Released, Effect.None),
        [(HoldingState.Reserved, HoldingTrigger.Decrement)] = (HoldingState.Released, Effect.GiveBack),
        [(HoldingState.Counted, HoldingTrigger.Decrement)] = (HoldingState.Released, Effect.GiveBack),
        [(HoldingState.Expired, HoldingTrigger.Decrement)] = (HoldingState.Released, Effect.None),

        [(HoldingState.Reserved, HoldingTrigger.Expire)] = (HoldingState.Expired, Effect.GiveBack),

        [(null, HoldingTrigger.Found)] = (HoldingState.Counted, Effect.Take),
        [(HoldingState.Reserved, HoldingTrigger.Found)] = (HoldingState.Counted, Effect.None),
        [(HoldingState.Expired, HoldingTrigger.Found)] = (HoldingState.Counted, Effect.Take),
        [(HoldingState.Released, HoldingTrigger.Found)] = (HoldingState.Counted, Effect.Take),
        [(HoldingState.Counted, HoldingTrigger.Found)] = (HoldingState.Counted, Effect.None),
    };

    /// <summary>Null where the trigger changes nothing.</summary>
    public static (HoldingState To, Effect Effect)? Next(HoldingState? from, HoldingTrigger trigger) =>
        Table.TryGetValue((from, trigger), out var next) ? next : null;
}
