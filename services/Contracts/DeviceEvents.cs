namespace CloudPhone.Contracts;

// Published by the device service. Version counts the changes of one device: a consumer that has seen a higher one
// ignores the event.

/// <summary>
/// The phone's container exists and boots; started follows. Opens the billing record and takes the node's room for
/// good.
/// </summary>
/// <param name="DeviceType"><c>phone</c> or <c>tablet</c>.</param>
/// <param name="MemoryGB">GiB.</param>
/// <param name="NodeId">Where it was placed.</param>
/// <param name="StorageGB">GiB that are charged by their size; null: none.</param>
public sealed record DeviceCreated(
    Guid DeviceId, Guid UserId, string DeviceName, string DeviceType, int CpuCores, int MemoryGB, Guid NodeId,
    DateTimeOffset CreatedAt, long Version, int? StorageGB = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "device.created";
}

/// <summary>A creation was given up and left nothing behind.</summary>
/// <param name="ErrorCode">A stable word, like <c>no-capacity</c> or <c>provider-failed</c>.</param>
public sealed record DeviceCreationFailed(
    Guid DeviceId, Guid UserId, string DeviceName, string ErrorCode, string Reason, DateTimeOffset FailedAt,
        long Version) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "device.creation_failed";
}

/// <summary>The phone has booted. Metering runs from <see cref="StartedAt"/>.</summary>
/// <param name="StorageGB">GiB that are charged by their size; null: none.</param>
public sealed record DeviceStarted(
    Guid DeviceId, Guid UserId, string DeviceName, int CpuCores, int MemoryGB, DateTimeOffset StartedAt, long Version,
    int? StorageGB = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "device.started";
}

/// <summary>The phone was powered off. Metering ends at <see cref="StoppedAt"/>.</summary>
/// <param name="Reason"><c>user</c>, <c>balance</c>, <c>suspended</c>, <c>schedule</c>, <c>snapshot</c> or
/// <c>operator</c>.</param>
public sealed record DeviceStopped(
    Guid DeviceId, Guid UserId, string DeviceName, string Reason, DateTimeOffset StoppedAt, long Version) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "device.stopped";
}

/// <summary>The phone and its data are gone.</summary>
public sealed record DeviceDeleted(
    Guid DeviceId, Guid UserId, string DeviceName, int CpuCores, int MemoryGB, DateTimeOffset DeletedAt, long Version,
    Guid? NodeId = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "device.deleted";
}

/// <summary>A health check found the phone broken; recovery begins and metering pauses.</summary>
/// <param name="ErrorType">Upper case with underscores, like <c>CONTAINER_CRASHED</c>.</param>
/// <param name="Priority"><c>LOW</c>, <c>MEDIUM</c>, <c>HIGH</c> or <c>CRITICAL</c>.</param>
public sealed record DeviceError(
    Guid DeviceId, Guid UserId, string DeviceName, string ErrorType, string ErrorMessage, string Priority,
    DateTimeOffset OccurredAt, long Version) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "device.error";
}

/// <summary>The phone runs but cannot be reached.</summary>
public sealed record DeviceConnectionLost(
    Guid DeviceId, Guid UserId, string DeviceName, DateTimeOffset LastSeenAt, DateTimeOffset LostAt, long Version)
        : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "device.connection_lost";
}

/// <summary>The phone runs again after an error; metering goes on.</summary>
/// <param name="Strategy">What healed it: <c>restart</c>, <c>recreate</c> or <c>relocate</c>.</param>
public sealed record DeviceRecovered(
    Guid DeviceId, Guid UserId, string DeviceName, string Strategy, int Attempts, DateTimeOffset RecoveredAt,
        long Version) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "device.recovered";
}

/// <summary>Recovery was given up.</summary>
public sealed record DeviceFailed(
    Guid DeviceId, Guid UserId, string DeviceName, string Reason, int Attempts, DateTimeOffset FailedAt, long Version)
        : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "device.failed";
}
