using CloudPhone.Devices.Actors;
using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Operations;

/// <summary>One step of what an operation does with a phone: it is begun, or has come to its end.</summary>
sealed class OperationStep(
    DeviceDb db, PhoneCommands commands, InstallQueue installs, TimeProvider clock)
{
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <returns>When it goes on; null when it is over.</returns>
    public async Task<DateTimeOffset?> TryAsync(OperationItem item, CancellationToken ct)
    {
        var isNew = item.Status == OperationItemStatus.Pending;
        try
        {
            if (isNew)
                await BeginAsync(item, ct);
            if (item.Status == OperationItemStatus.Running)
                await LookAsync(item, ct);
        }
        catch (ActorsUnavailableException e) when (clock.GetUtcNow() >= item.DeadlineAt)
        {
            item.Fail("unavailable", e.Message, clock.GetUtcNow());
        }
        if (!item.IsEnded && clock.GetUtcNow() >= item.DeadlineAt)
            item.Fail("timed-out", "It is not over by now; what was begun goes on.", clock.GetUtcNow());
        // one that is on its way is not taken before it is at rest
        return item.IsEnded ? null : isNew ? clock.GetUtcNow() : clock.GetUtcNow() + LookAgain;
    }

    async Task BeginAsync(OperationItem item, CancellationToken ct)
    {
        var refusal = item.Action == OperationAction.Install ? await QueueAsync(item, ct)
            : await commands.GiveAsync(item.DeviceId, TriggerOf(item.Action), item.UserId, item.Id, ct);
        // what the phone has taken it has put down in the same transaction
        await db.Entry(item).ReloadAsync(ct);
        if (item.Status == OperationItemStatus.Pending && refusal is not null)
            item.Fail(refusal.ProblemDetails.Type!, refusal.ProblemDetails.Detail!, clock.GetUtcNow());
    }

    async Task<ProblemHttpResult?> QueueAsync(OperationItem item, CancellationToken ct)
    {
        var device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == item.DeviceId, ct);
        if (device is null)
            return Problems.NotFound("device");
        var now = clock.GetUtcNow();
        return await installs.AddAsync(InstallRoutes.New(device, item.AppId!.Value, item.Id, now), device.Status,
            isChecked: false, () => item.Begin(now), ct);
    }

    async Task LookAsync(OperationItem item, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (item.Action is OperationAction.Install or OperationAction.Uninstall)
        {
            var install = await db.Installs.AsNoTracking().SingleOrDefaultAsync(i => i.Id == item.Id, ct);
            if (install is null or { Status: InstallStatus.Failed })
                item.Fail(item.Action == OperationAction.Install ? "install-failed" : "uninstall-failed",
                    install?.Error ?? "It was not done.", now);
            else if (install.Status != InstallStatus.Pending)
                item.Succeed(now);
            return;
        }
        var status = await db.Devices.Where(d => d.Id == item.DeviceId).Select(d => (DeviceStatus?)d.Status)
            .SingleOrDefaultAsync(ct);
        switch (item.Action, status)
        {
            case (OperationAction.Delete, null):
            case (OperationAction.Start or OperationAction.Restart, DeviceStatus.Running):
            case (OperationAction.Stop, DeviceStatus.Running or DeviceStatus.Stopped or DeviceStatus.Failed):
                item.Succeed(now); // one that runs again was off meanwhile
                break;
            case (_, null):
                item.Fail("not-found", "The phone was deleted meanwhile.", now);
                break;
            case (OperationAction.Start or OperationAction.Restart, DeviceStatus.Stopped or DeviceStatus.Failed):
                item.Fail("wrong-state", status == DeviceStatus.Failed ? "The phone did not come up."
                    : "The phone was stopped meanwhile.", now);
                break;
        }
    }

    static Trigger TriggerOf(OperationAction action) => action switch
    {
        OperationAction.Start => Trigger.Start,
        OperationAction.Stop => Trigger.Stop,
        OperationAction.Restart => Trigger.Restart,
        OperationAction.Delete => Trigger.Delete,
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };
}
