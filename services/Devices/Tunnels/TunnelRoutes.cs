using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tunnels;

/// <param name="PublicKey">What <c>~/.android/adbkey.pub</c> of the machine has that is to connect.</param>
/// <param name="Minutes">For how long, at most a day; an hour unless given.</param>
sealed record TunnelRequest(string PublicKey, int? Minutes = null);

/// <param name="Address">For <c>adb connect</c>.</param>
/// <param name="Fingerprint">Of the key that is let in.</param>
sealed record TunnelView(
    Guid Id, string Address, string Host, int Port, string Fingerprint, DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt);

sealed record TunnelList(IReadOnlyList<TunnelView> Items);

static class TunnelRoutes
{
    const int DefaultMinutes = 60;
    const int MaxMinutes = 24 * 60;
    const int MaxOpen = 5;
    const int Tries = 5;
    static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(30);

    public static void MapTunnels(this RouteGroupBuilder devices)
    {
        var tunnels = devices.MapGroup("/{id:guid}/adb").ProducesProblem(404);
        tunnels.MapPost("/", Open).WithName("OpenAdbTunnel")
            .WithSummary("Opens a port for a while by which the adb of whoever has the key reaches a phone.")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(503);
        tunnels.MapGet("/", List).WithName("ListAdbTunnels").WithSummary("A phone's open tunnels.");
        tunnels.MapDelete("/{tunnelId:guid}", Close).WithName("CloseAdbTunnel")
            .WithSummary("Closes a tunnel with all that goes through it.");
    }

    static async Task<Results<Created<TunnelView>, ProblemHttpResult>> Open(
        Guid id, TunnelRequest request, CurrentUser user, DeviceDb db, ResourceIds ids, IServiceProvider services,
        TimeProvider clock, CancellationToken ct)
    {
        if (await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is not
            { } device)
            return Problems.NotFound("device");
        if (AdbKey.Parse(request.PublicKey) is not { } key)
            return Problems.BadRequest("bad-request", "publicKey is what ~/.android/adbkey.pub has.");
        var minutes = request.Minutes ?? DefaultMinutes;
        if (minutes is < 1 or > MaxMinutes)
            return Problems.BadRequest("bad-request", $"minutes is a whole number from 1 to {MaxMinutes}.");
        if (services.GetService<TunnelHost>() is not { } host)
            return Problems.Conflict("tunnels-off", "This platform offers no ADB tunnels.");
        if (device.Status != DeviceStatus.Running)
            return Problems.Of(409, "wrong-state", "The phone has to run.",
                ("deviceStatus", $"{device.Status}".ToLowerInvariant()));
        var options = services.GetRequiredService<TunnelOptions>();
        var now = clock.GetUtcNow();
        var tunnel = new Tunnel
        {
            Id = ids.New(), DeviceId = id, CreatedBy = user.Id, SessionId = user.SessionId, PublicKey = key.Text,
            CreatedAt = now, ExpiresAt = now.AddMinutes(minutes),
        };
        // of a request that is repeated because its first run died half-way
        if (await db.Tunnels.AsNoTracking().SingleOrDefaultAsync(t => t.Id == tunnel.Id, ct)
            is { ClosedAt: null } known)
            return Created(known, options);
        await db.InTransactionAsync(() => db.CloseOverAsync(now, ct), ct);
        return await AddAsync(db, host, tunnel, device, user, ct) ?? (Results<Created<TunnelView>, ProblemHttpResult>)
            Created(tunnel, options);
    }

    /// <summary>The port is bound before the row says so: who is answered can connect at once.</summary>
    /// <returns>Why not; null: it is open.</returns>
    static async Task<ProblemHttpResult?> AddAsync(
        DeviceDb db, TunnelHost host, Tunnel tunnel, Device device, CurrentUser user, CancellationToken ct)
    {
        for (var i = 0; i < Tries; i++)
        {
            var taken = await db.Tunnels.Where(t => t.ClosedAt == null).Select(t => t.Port).ToHashSetAsync(ct);
            if (host.Bind(taken) is not { } listener)
                break;
            tunnel.Port = listener.Port;
            var isServed = false;
            try
            {
                if (!await db.InTransactionAsync(() => TrySaveAsync(db, tunnel, device, user, ct), ct))
                    return Problems.Conflict("too-many-tunnels", $"A phone has at most {MaxOpen} tunnels at once.");
                host.Serve(tunnel, listener);
                isServed = true;
                return null;
            }
            catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
            {
                db.ChangeTracker.Clear(); // another replica was faster with the same port
            }
            finally
            {
                if (!isServed)
                    listener.Dispose();
            }
        }
        return Problems.Unavailable("no-port", "All ports for tunnels are taken.");
    }

    /// <returns>False: there would be too many.</returns>
    static async Task<bool> TrySaveAsync(
        DeviceDb db, Tunnel tunnel, Device device, CurrentUser user, CancellationToken ct)
    {
        await db.TakeTurnAsync(Turns.Tunnels, device.Id, ct);
        var ofPhone = db.Tunnels.Where(t => t.DeviceId == device.Id);
        if (await ofPhone.CountAsync(t => t.ClosedAt == null, ct) >= MaxOpen)
            return false;
        await ofPhone.Where(t => t.ClosedAt < tunnel.CreatedAt - KeptAfterEnd).ExecuteDeleteAsync(ct);
        db.Add(tunnel);
        db.Add(DeviceHistoryEntry.OfAct(device, Acts.AdbOpened,
            $"until {tunnel.ExpiresAt:yyyy-MM-dd HH:mm}Z for {AdbKey.Parse(tunnel.PublicKey)!.Fingerprint}",
            user.Id, tunnel.CreatedAt));
        await db.SaveChangesAsync(ct);
        return true;
    }

    static async Task<Results<Ok<TunnelList>, ProblemHttpResult>> List(
        Guid id, CurrentUser user, DeviceDb db, IServiceProvider services, TimeProvider clock, CancellationToken ct)
    {
        if (!await db.Devices.VisibleTo(user).AnyAsync(d => d.Id == id, ct))
            return Problems.NotFound("device");
        if (services.GetService<TunnelOptions>() is not { } options)
            return TypedResults.Ok(new TunnelList([]));
        var now = clock.GetUtcNow();
        var open = await db.Tunnels.AsNoTracking()
            .Where(t => t.DeviceId == id && t.ClosedAt == null && t.ExpiresAt > now).OrderByDescending(t => t.Id)
            .ToListAsync(ct);
        return TypedResults.Ok(new TunnelList([.. open.Select(t => View(t, options))]));
    }

    static async Task<Results<NoContent, ProblemHttpResult>> Close(
        Guid id, Guid tunnelId, CurrentUser user, DeviceDb db, IServiceProvider services, TimeProvider clock,
        CancellationToken ct)
    {
        if (await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is not
            { } device)
            return Problems.NotFound("device");
        if (await db.Tunnels.SingleOrDefaultAsync(t => t.Id == tunnelId && t.DeviceId == id, ct) is not { } tunnel)
            return Problems.NotFound("tunnel");
        if (tunnel.ClosedAt is null)
        {
            var now = clock.GetUtcNow();
            tunnel.ClosedAt = now;
            db.Add(DeviceHistoryEntry.OfAct(device, Acts.AdbClosed, $"port {tunnel.Port}", user.Id, now));
            await db.SaveChangesAsync(ct);
        }
        services.GetService<TunnelHost>()?.Close(tunnelId);
        return TypedResults.NoContent();
    }

    static Created<TunnelView> Created(Tunnel t, TunnelOptions options) =>
        TypedResults.Created($"/api/devices/{t.DeviceId}/adb", View(t, options));

    static TunnelView View(Tunnel t, TunnelOptions options) => new(
        t.Id, $"{(options.Host.Contains(':', StringComparison.Ordinal) ? $"[{options.Host}]" : options.Host)}:{t.Port}",
        options.Host, t.Port, AdbKey.Parse(t.PublicKey)!.Fingerprint, t.CreatedAt, t.ExpiresAt);
}
