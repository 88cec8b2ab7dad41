using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Messaging;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Changes a phone's state: by the table, with its history and its events, all in the caller's next
/// save.</summary>
sealed class DeviceMoves(DeviceDb db, Outbox outbox, TimeProvider clock)
{
    /// <summary>How long a state that is not at rest may stand still.</summary>
    public static readonly TimeSpan StandStill = TimeSpan.FromSeconds(30);

    /// <param name="reason">Why, for people and for events.</param>
    /// <param name="fault">For a move to <see cref="DeviceStatus.Error"/>.</param>
    /// <exception cref="InvalidOperationException">The table does not have it: look first.</exception>
    public void Move(Device device, Trigger trigger, string? reason = null, Fault? fault = null)
    {
        if (!StateTable.Transitions.TryGetValue((device.Status, trigger), out var to))
            throw new InvalidOperationException($"{trigger} is not allowed in {device.Status}.");
        var now = clock.GetUtcNow();
        var at = fault?.At is { } seen ? Between(device.StatusSince, seen, now) : now;
        var from = device.Status;
        if (trigger is Trigger.Start or Trigger.Stop or Trigger.Restart or Trigger.Delete)
            Remember(device);
        device.Status = to ?? from;
        device.DeletedAt = to is null ? now : null;
        device.StatusSince = at;
        device.DueAt = to is null or DeviceStatus.Running or DeviceStatus.Stopped or DeviceStatus.Failed ? null
            : now + StandStill;
        new DeviceTold(device, outbox, at).Tell(from, trigger, reason, fault);
        db.Add(new DeviceHistoryEntry
        {
            Id = Guid.CreateVersion7(at), DeviceId = device.Id, UserId = device.UserId, From = from, To = to,
            Trigger = trigger,
            Reason = reason, At = at, Version = device.Version + 1, RequestId = device.RequestId,
        });
    }

    /// <summary>A host's clock may be wrong: a change is neither before the one before it nor still to come.</summary>
    static DateTimeOffset Between(DateTimeOffset first, DateTimeOffset at, DateTimeOffset last) =>
        at < first ? first : at > last ? last : at;

    /// <summary>What follows belongs to this request and its trace, also when it is taken up after a crash.</summary>
    public static void Remember(Device device)
    {
        device.RequestId = RequestId.Current;
        device.TraceParent = Cause.TraceParent;
    }
}
