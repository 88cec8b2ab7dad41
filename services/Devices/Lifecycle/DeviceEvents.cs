using CloudPhone.Contracts;
using CloudPhone.Devices.Balances;
using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Supervision;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Events that command phones. They write the change; the actors go on from there.</summary>
static partial class DeviceEvents
{
    /// <summary>Carries out what a user has planned; what the phone's state doesn't allow by now is left out.</summary>
    public static async Task OnActionDue(
        SchedulerActionDue e, DeviceDb db, Commands commands, ResumeQueue queue, HttpContext http,
        TimeProvider clock, ILogger<Commands> log, CancellationToken ct)
    {
        if (await db.Devices.SingleOrDefaultAsync(d =>
            d.Id == e.DeviceId && d.UserId == e.UserId, ct) is not { } device)
        {
            NotDone(log, e.Action, e.DeviceId, "it is gone");
            return;
        }
        if (e is { Action: "install", AppId: { } appId })
        {
            if (!await db.Installs.AnyAsync(i => i.Id == e.ActionId, ct))
                db.Add(InstallRoutes.New(device, appId, e.ActionId, clock.GetUtcNow()));
        }
        else if (e.Action != "stop" && await db.IsExhaustedAsync(e.UserId, ct))
        {
            NotDone(log, e.Action, e.DeviceId, "the balance is used up");
        }
        else if (TriggerOf(e.Action) is { } trigger && commands.Apply(device, trigger, StopReasons.Schedule))
        {
            queue.AddAfterCommit(http, device.Id);
        }
        else
        {
            NotDone(log, e.Action, e.DeviceId, $"it is {device.Status}");
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
