namespace CloudPhone.Contracts;

// Published by every service.

/// <summary>An event could not be handled and waits in its service for an operator.</summary>
/// <param name="DeadLetterId">What <c>replay</c> is asked with.</param>
/// <param name="Service">App id of the service that keeps it.</param>
/// <param name="FailedEventId">Id of the event itself; a replay keeps it.</param>
/// <param name="FailedEventName">Its name, or <c>unknown</c> for a body that is no event.</param>
/// <param name="Error">What the handler said last.</param>
public sealed record SystemDeadLetter(
    Guid DeadLetterId, string Service, string FailedEventId, string FailedEventName, string Error,
        DateTimeOffset FailedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "system.dead_letter";
}
