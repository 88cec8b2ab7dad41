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

    /// <summary>Closes one whose opener's session, or API key, is over.</summary>
    public static Task CloseOfEndedAsync(this DeviceDb db, Tunnel tunnel, DateTimeOffset now, CancellationToken ct) =>
        db.InTransactionAsync(async () =>
    {
        var closed = await db.Tunnels.Where(t => t.Id == tunnel.Id && t.ClosedAt == null)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.ClosedAt, now), ct);
        if (closed == 0 || await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == tunnel.DeviceId, ct)
            is not { } device)
            return;
        db.Add(DeviceHistoryEntry.OfAct(device, Acts.AdbClosed,
            $"port {tunnel.Port}: the session or API key that opened it is over", tunnel.CreatedBy, now));
        await db.SaveChangesAsync(ct);
    }, ct);
}
