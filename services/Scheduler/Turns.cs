namespace CloudPhone.Scheduler;

/// <summary>What transactions of this service take turns with.</summary>
static class Turns
{
    public const int Actions = 5_025_001;
    /// <summary>A user's own, or with 0 the queue: whoever has several nodes in hand takes that, too, and after the
    /// user's.</summary>
    public const int Reservations = 5_025_002;
}
