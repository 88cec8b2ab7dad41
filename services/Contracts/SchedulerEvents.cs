namespace CloudPhone.Contracts;

// Published by the scheduler service.

/// <summary>A timed action's moment has come; the device service carries it out.</summary>
/// <param name="Action"><c>start</c>, <c>stop</c>, <c>restart</c>, <c>install</c> or <c>snapshot</c>.</param>
/// <param name="AppId">For <c>install</c>.</param>
/// <param name="RunId">Of this action on this phone at this moment, and of nothing else: an action that recurs has the
/// same <paramref name="ActionId"/> each time.</param>
/// <param name="SnapshotName">For <c>snapshot</c>.</param>
public sealed record SchedulerActionDue(
    Guid ActionId, Guid DeviceId, Guid UserId, string Action, DateTimeOffset DueAt, Guid? AppId = null,
    Guid? RunId = null, string? SnapshotName = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "scheduler.action_due";
}

/// <summary>Room that a user waited for is held, and a phone can be made with it until <see cref="EndsAt"/>.</summary>
/// <param name="MemoryGB">GiB.</param>
public sealed record SchedulerReservationStarted(
    Guid ReservationId, Guid UserId, int CpuCores, int MemoryGB, DateTimeOffset StartedAt, DateTimeOffset EndsAt)
    : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "scheduler.reservation_started";
}

/// <summary>A reservation is over, and no phone was made with it.</summary>
/// <param name="Reason"><c>no-room</c>: there was none in its time; <c>unused</c>: the room was not used in time;
/// <c>room-lost</c>: the room was held on a node that takes no phones any more, and there is no time to wait for
/// other.</param>
public sealed record SchedulerReservationExpired(
    Guid ReservationId, Guid UserId, string Reason, DateTimeOffset ExpiredAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "scheduler.reservation_expired";
}

/// <summary>A node answers no more; its phones are moved.</summary>
public sealed record SchedulerNodeDown(Guid NodeId, string NodeName, DateTimeOffset LastSeenAt, DateTimeOffset DownAt)
    : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "scheduler.node_down";
}
