using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Supervision;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Health;

/// <summary>All phones of a node that is down are broken, and heal elsewhere.</summary>
static class NodeDown
{
    public static async Task OnNodeDown(
        SchedulerNodeDown e, DeviceDb db, DeviceMoves moves, ResumeQueue queue, HttpContext http, TimeProvider clock,
        CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        foreach (var device in await db.Devices.Where(d => d.NodeId == e.NodeId && d.Status == DeviceStatus.Running)
            .OrderBy(d => d.Id).ToListAsync(ct))
        {
            moves.Move(device, Trigger.Crashed, $"Node {e.NodeName} is down.", Fault.NodeDown(e.LastSeenAt));
            (device.DueAt, device.RecoveryAttempts) = (now, 0); // it says nothing of the phone
            queue.AddAfterCommit(http, device.Id);
        }
    }
}
