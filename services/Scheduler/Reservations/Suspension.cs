namespace CloudPhone.Scheduler.Reservations;

/// <summary>Whether a user is suspended, of those of whom it was ever told.</summary>
public sealed class Suspension
{
    public Guid UserId { get; init; }
    public bool IsSuspended { get; set; }
    /// <summary>The user's own: what has a lower one comes late and is left out.</summary>
    public long UserVersion { get; set; }
}
