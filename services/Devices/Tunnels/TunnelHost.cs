using System.Collections.Concurrent;
using System.Net;
using CloudPhone.Adb;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Providers;
using CloudPhone.Shared.Auth;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tunnels;

/// <summary>
/// Serves all open tunnels. Each replica does, as far as it gets their ports: on one machine the first has them and the
/// next takes over when it is gone; on several, whichever is connected to.
/// </summary>
sealed partial class TunnelHost(
    TunnelOptions options, Revocations revocations, IServiceScopeFactory scopes, TimeProvider clock,
    ILogger<TunnelHost> log) : BackgroundService
{
    /// <summary>So long a tunnel that another replica has closed goes on here at most.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    /// <summary>While there are none.</summary>
    static readonly TimeSpan LongPause = TimeSpan.FromSeconds(5);
    readonly ConcurrentDictionary<Guid, TunnelListener> _listeners = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e.Message);
            }
            await Task.Delay(_listeners.IsEmpty ? LongPause : Pause, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        foreach (var id in _listeners.Keys)
            Close(id);
    }

    async Task SweepAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        var now = clock.GetUtcNow();
        await db.CloseOverAsync(now, ct);
        var open = await db.Tunnels.AsNoTracking().Where(t => t.ClosedAt == null).ToListAsync(ct);
        // the row is closed, not only what is here: a replica that did not hear of it in time is told so as well
        var ended = open.FindAll(t => t.SessionId is { } sid && revocations.IsRevoked(sid, t.CreatedAt));
        foreach (var tunnel in ended)
            await db.CloseOfEndedAsync(tunnel, now, ct);
        open.RemoveAll(ended.Contains);
        foreach (var id in _listeners.Keys.Except(open.Select(t => t.Id)))
            Close(id);
        foreach (var tunnel in open.Where(t => !_listeners.ContainsKey(t.Id)))
            if (TunnelListener.TryBind(options.Address, tunnel.Port) is { } listener)
                Serve(tunnel, listener);
    }

    /// <returns>A port of the range that nobody has; null: there is none.</returns>
    public TunnelListener? Bind(IReadOnlySet<int> taken)
    {
        var count = options.LastPort - options.FirstPort + 1;
        var first = Random.Shared.Next(count);
        for (var i = 0; i < count; i++)
        {
            var port = options.FirstPort + ((first + i) % count);
            if (!taken.Contains(port) && TunnelListener.TryBind(options.Address, port) is { } listener)
                return listener;
        }
        return null;
    }

    public void Serve(Tunnel tunnel, TunnelListener listener)
    {
        if (!_listeners.TryAdd(tunnel.Id, listener))
        {
            listener.Dispose();
            return;
        }
        var id = tunnel.Id;
        _ = listener.ServeAsync(AdbKey.Parse(tunnel.PublicKey)!, from => AdmitAsync(id, from), clock,
            reason => Ended(log, id, reason));
    }

    /// <summary>Ends all that goes through it, here.</summary>
    public void Close(Guid id)
    {
        if (_listeners.TryRemove(id, out var listener))
            listener.Dispose();
    }

    /// <summary>Writes down who comes, and says where the phone is now.</summary>
    async Task<AdbAddress?> AdmitAsync(Guid id, EndPoint? from)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        var now = clock.GetUtcNow();
        if (await db.Tunnels.AsNoTracking().SingleOrDefaultAsync(t =>
                t.Id == id && t.ClosedAt == null && t.ExpiresAt > now) is not { } tunnel
            || await db.Devices.AsNoTracking().SingleOrDefaultAsync(d =>
                d.Id == tunnel.DeviceId && d.Status == DeviceStatus.Running) is not { } device)
            return null;
        db.Add(DeviceHistoryEntry.OfAct(device, Acts.AdbConnected, $"from {from}", tunnel.CreatedBy, now));
        await db.SaveChangesAsync();
        var provider = scope.ServiceProvider.GetRequiredService<IDeviceProvider>();
        return (await provider.GetStateAsync(device.Id, CancellationToken.None)).Adb;
    }

    [LoggerMessage(1, LogLevel.Warning, "The ADB tunnels could not be looked after, it is tried again: {Reason}")]
    static partial void Failed(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Debug, "A connection of ADB tunnel {Tunnel} ended: {Reason}")]
    static partial void Ended(ILogger log, Guid tunnel, string reason);
}
