using CloudPhone.Contracts;
using CloudPhone.Devices.Balances;
using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Snapshots;
using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Hosting;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Events that command phones. They write the change; the actors go on from there.</summary>
static partial class DeviceEvents
{
    /// <summary>
    /// Carries out what a user has planned. What the phone's state doesn't allow by now is left out, and its history
    /// says so.
    /// </summary>
    public static async Task OnActionDue(
        SchedulerActionDue e, DeviceDb db, Commands commands, SnapshotOrders orders, ResumeQueue queue,
        HttpContext http, TimeProvider clock, ILogger<Commands> log, CancellationToken ct)
    {
        if (await db.Devices.SingleOrDefaultAsync(d =>
            d.Id == e.DeviceId && d.UserId == e.UserId, ct) is not { } device)
        {
            NotDone(log, e.Action, e.DeviceId, "it is gone");
            return;
        }
        if (e is { Action: "install", AppId: { } appId })
        {
            var id = e.RunId ?? e.ActionId;
            if (!await db.Installs.AnyAsync(i => i.Id == id, ct))
                db.Add(InstallRoutes.New(device, appId, id, clock.GetUtcNow()));
        }
        else if (e.Action == "snapshot")
        {
            var name = e.SnapshotName is { } given && Device.IsName(given) ? given : $"{e.DueAt:yyyy-MM-dd HH:mm}";
            if (await orders.TakeAsync(device, name, e.RunId ?? e.ActionId, e.UserId, ct) is { } refused)
                LeaveOut(refused.ProblemDetails.Detail!.TrimEnd('.'));
        }
        else if (e.Action != "stop" && await db.Suspensions.AnyAsync(s => s.UserId == e.UserId && s.IsSuspended, ct))
        {
            LeaveOut("the user is suspended");
        }
        else if (e.Action != "stop" && await db.IsExhaustedAsync(e.UserId, ct))
        {
            LeaveOut("the balance is used up");
        }
        else if (TriggerOf(e.Action) is { } trigger && commands.Apply(device, trigger, StopReasons.Schedule))
        {
            queue.AddAfterCommit(http, device.Id);
        }
        else
        {
            LeaveOut(TriggerOf(e.Action) is null ? "phones can't do that yet"
                : device.HeldBy is not null ? "its data are being copied"
                : $"the phone is {device.Status.ToString().ToLowerInvariant()}");
        }

        void LeaveOut(string reason)
        {
            NotDone(log, e.Action, e.DeviceId, reason);
            db.Entry(device).Property(d => d.Version).IsModified = true; // an entry has a version of its own
            var now = clock.GetUtcNow();
            db.Add(new DeviceHistoryEntry
            {
                Id = Guid.CreateVersion7(now), DeviceId = device.Id, UserId = device.UserId, From = device.Status,
                To = device.Status, Trigger = Trigger.Planned, At = now, Version = device.Version + 1,
                Reason = $"The planned {e.Action} was left out: {reason}.", RequestId = RequestId.Current,
            });
        }
    }

    static Trigger? TriggerOf(string action) => action switch
    {
        "start" => Trigger.Start,
        "stop" => Trigger.Stop,
        "restart" => Trigger.Restart,
        _ => null,
    };

    [LoggerMessage(1, LogLevel.Warning, "The planned {Action} of device {Device} is left out: {Reason}")]
    static partial void NotDone(ILogger log, string action, Guid device, string reason);
}
