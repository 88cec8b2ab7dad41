using CloudPhone.Devices.Supervision;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Lifecycle;

static class StopAll
{
    /// <summary>Stops all phones of a user; those that are still being made are stopped when they have
    /// booted.</summary>
    public static async Task Of(
        Guid userId, string reason, DeviceDb db, Commands commands, ResumeQueue queue, HttpContext http,
        CancellationToken ct)
    {
        foreach (var d in await db.Devices.Where(d => d.UserId == userId).ToListAsync(ct))
            if (d.Status == DeviceStatus.Creating)
                d.StopAfterBoot = reason;
            else if (d.Status == DeviceStatus.Stopping)
                d.RestartAfterStop = false;
            else if (commands.Apply(d, Trigger.Stop, reason))
                queue.AddAfterCommit(http, d.Id);
    }
}
