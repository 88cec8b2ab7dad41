using CloudPhone.Contracts;
using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Supervision;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Events that command phones. They write the change; the actors go on from there.</summary>
static partial class DeviceEvents
{
    /// <summary>Stops all phones of a user whose balance is used up; those that are still being made are stopped when
    /// they have booted.</summary>
    public static async Task OnBalanceExhausted(
        BillingBalanceExhausted e, DeviceDb db, Commands commands, ResumeQueue queue, HttpContext http,
        CancellationToken ct)
    {
        var devices = await db.Devices.Where(d => d.UserId == e.UserId).ToListAsync(ct);
        foreach (var d in devices)
            if (d.Status == DeviceStatus.Creating)
                d.StopAfterBoot = StopReasons.Balance;
            else if (d.Status == DeviceStatus.Stopping)
                d.RestartAfterStop = false;
            else if (commands.Apply(d, Trigger.Stop, StopReasons.Balance))
                ResumeAfterCommit(http, queue, d.Id);
    }

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
        else if (TriggerOf(e.Action) is { } trigger && commands.Apply(device, trigger, StopReasons.Schedule))
        {
            ResumeAfterCommit(http, queue, device.Id);
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

    /// <summary>Not earlier: the actor would find the row as it was. Where it gets lost, the sweep sees that the phone
    /// stands still.</summary>
    static void ResumeAfterCommit(HttpContext http, ResumeQueue queue, Guid id) => http.Response.OnCompleted(() =>
    {
        queue.Add(id);
        return Task.CompletedTask;
    });

    [LoggerMessage(1, LogLevel.Warning, "The planned {Action} of device {Device} is left out: {Reason}")]
    static partial void NotDone(ILogger log, string action, Guid device, string reason);
}
