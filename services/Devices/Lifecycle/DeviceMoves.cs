using System.Diagnostics;
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
    /// <param name="errorType">For a move to <see cref="DeviceStatus.Error"/>.</param>
    /// <exception cref="InvalidOperationException">The table does not have it: look first.</exception>
    public void Move(Device device, Trigger trigger, string? reason = null, string? errorType = null)
    {
        if (!StateTable.Transitions.TryGetValue((device.Status, trigger), out var to))
            throw new InvalidOperationException($"{trigger} is not allowed in {device.Status}.");
        var now = clock.GetUtcNow();
        var from = device.Status;
        if (trigger is Trigger.Start or Trigger.Stop or Trigger.Restart or Trigger.Delete)
            Remember(device);
        device.Status = to ?? from;
        device.DeletedAt = to is null ? now : null;
        device.StatusSince = now;
        device.DueAt = to is null or DeviceStatus.Running or DeviceStatus.Stopped or DeviceStatus.Failed ? null
            : now + StandStill;
        new DeviceTold(device, outbox, now).Tell(from, trigger, reason, errorType);
        db.Add(new DeviceHistoryEntry
        {
            Id = Guid.CreateVersion7(now), DeviceId = device.Id, UserId = device.UserId, From = from, To = to,
            Trigger = trigger,
            Reason = reason, At = now, Version = device.Version + 1, RequestId = device.RequestId,
        });
    }

    /// <summary>What follows belongs to this request and its trace, also when it is taken up after a crash.</summary>
    public static void Remember(Device device)
    {
        device.RequestId = RequestId.Current;
        device.TraceParent = Activity.Current?.Id is { Length: <= 64 } id ? id : null;
    }
}
