using CloudPhone.Devices.Lifecycle;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tunnels;

static class TunnelRows
{
    /// <summary>Closes those that expired, and those of phones that were stopped, given up or removed. One that
    /// heals keeps them.</summary>
    public static Task CloseOverAsync(this DeviceDb db, DateTimeOffset now, CancellationToken ct) =>
        db.Tunnels.Where(t => t.ClosedAt == null && (t.ExpiresAt <= now || !db.Devices.Any(d => d.Id == t.DeviceId
            && (d.Status == DeviceStatus.Running || d.Status == DeviceStatus.Error
                || d.Status == DeviceStatus.Recovering))))
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.ClosedAt, now), ct);
}
