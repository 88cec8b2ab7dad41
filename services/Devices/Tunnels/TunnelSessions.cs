using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tunnels;

/// <summary>
/// Asks the user service whether the sessions that opened tunnels are over. The feed of revocations tells within
/// seconds, but only what ended in the last minutes: whoever was down, or could not ask, for longer finds out here.
/// </summary>
sealed partial class TunnelSessions(
    [FromKeyedServices(AppIds.Users)] Sibling users, IServiceScopeFactory scopes, TimeProvider clock,
    ILogger<TunnelSessions> log) : BackgroundService
{
    /// <summary>Less than the feed goes back: what it could not tell in an outage is asked right after it.</summary>
    static readonly TimeSpan Pause = Revocations.Kept / 2;
    static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var pause = Pause;
            try
            {
                await CloseAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, e.Message);
                pause = PauseAfterFailure;
            }
            await Task.Delay(pause, clock, stoppingToken);
        }
    }

    async Task CloseAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DeviceDb>();
        // as many as there are ports at most
        var open = await db.Tunnels.AsNoTracking().Where(t => t.ClosedAt == null && t.SessionId != null)
            .ToListAsync(ct);
        var over = await users.OverAsync(open.Select(t => t.SessionId!.Value), ct);
        foreach (var tunnel in open.Where(t => over.Contains(t.SessionId!.Value)))
            await db.CloseOfEndedAsync(tunnel, clock.GetUtcNow(), ct);
    }

    [LoggerMessage(1, LogLevel.Debug, "It is not known whether the sessions of ADB tunnels are over: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
