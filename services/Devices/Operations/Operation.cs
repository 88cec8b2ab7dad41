using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Operations;

/// <summary>What can take long.</summary>
public enum OperationAction
{
    Start,
    Stop,
    Restart,
    Delete,
    Install,
    Snapshot,
    Restore,
    /// <summary>A new phone's first data.</summary>
    Clone,
    Uninstall,
}

/// <summary>Something that takes long, asked for by one request, for one phone or many. How it goes stands in its
/// items.</summary>
public sealed class Operation : IEntity
{
    public Guid Id { get; set; }
    /// <summary>Who asked for it.</summary>
    public Guid UserId { get; set; }
    public OperationAction Action { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Of one phone; both have the same id.</summary>
    internal static (Operation Operation, OperationItem Item) OfOne(
        Guid id, OperationAction action, Guid deviceId, Guid userId, DateTimeOffset now) =>
        (new() { Id = id, UserId = userId, Action = action, CreatedAt = now },
            NewItem(id, id, action, deviceId, userId, now));

    internal static OperationItem NewItem(
        Guid id, Guid operationId, OperationAction action, Guid deviceId, Guid userId, DateTimeOffset now) => new()
        {
            Id = id, OperationId = operationId, Action = action, DeviceId = deviceId, UserId = userId,
            DeadlineAt = now + OperationItem.Patience, NextAttemptAt = now,
            RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
        };
}
