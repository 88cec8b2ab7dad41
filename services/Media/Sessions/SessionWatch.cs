using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Media.Sessions;

/// <summary>
/// Looks after the sessions of this process: asks each few seconds whether their viewers may still see the phone, says
/// that they play, writes down those that ended, and ends the sessions of processes that have died.
/// </summary>
sealed partial class SessionWatch(
    LiveSessions sessions, PhoneRights rights, EndedLogins logins, IServiceScopeFactory scopes,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<SessionWatch> log) : BackgroundService
{
    static readonly TimeSpan Round = TimeSpan.FromSeconds(5);
    /// <summary>A viewer who closed the page, or whose network changes, has so long to come again.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);
    /// <summary>Of a process that has not died some rounds may fail.</summary>
    static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Retry = TimeSpan.FromSeconds(1), Hour = TimeSpan.FromHours(1);
    static readonly TimeSpan Kept = TimeSpan.FromDays(90);
    const int AtOnce = 8;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // at once: the web server would wait for the sockets
        using var stopping = lifetime.ApplicationStopping.Register(sessions.Stop);
        var closing = CloseAsync();
        // apart: while the device service is away, asking it takes long
        await Task.WhenAll(
            RepeatAsync(SayAsync, Round, new(clock), stoppingToken),
            RepeatAsync(AskAsync, Round, sessions.Doubted, stoppingToken),
            RepeatAsync(logins.EndAsync, EndedLogins.Pause, new(clock), stoppingToken),
            RepeatAsync(RemoveOldAsync, Hour, new(clock), stoppingToken));
        sessions.Stop();
        await closing;
    }

    async Task RepeatAsync(Func<CancellationToken, Task> act, TimeSpan pause, WorkSignal soon, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await TryAsync(() => act(ct), ct);
                await soon.WaitAsync(pause, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }

    Task AskAsync(CancellationToken ct) => Parallel.ForEachAsync(sessions.All.GroupBy(s => s.Claim),
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, AskAsync);

    /// <summary>While the device service is away, what it said last holds.</summary>
    async ValueTask AskAsync(IGrouping<PhoneClaim, LiveSession> alike, CancellationToken ct)
    {
        try
        {
            var answer = await rights.AskAsync(alike.Key, ct);
            foreach (var session in alike)
                if (answer.Right is not { } right || right.Access < session.Right.Access)
                    sessions.End(session, EndReasons.AccessLost);
                else if (answer.Status is "stopped" or "failed")
                    sessions.End(session, EndReasons.DeviceStopped);
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
        {
        }
    }

    async Task SayAsync(CancellationToken ct)
    {
        foreach (var session in sessions.All)
            if (session.LoneFor(clock.GetUtcNow()) > Grace)
                sessions.End(session, session.Peer?.End == WebRtc.PeerEnd.NoConsent
                    ? EndReasons.ConsentLost : EndReasons.Closed);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<MediaDb>();
        var now = clock.GetUtcNow();
        var mine = sessions.All.Select(s => s.Id).ToList();
        await db.InTransactionAsync(() => db.Sessions.Where(s => s.EndedAt == null && mine.Contains(s.Id))
            .ExecuteUpdateAsync(s => s.SetProperty(e => e.SeenAt, now), ct), ct);
        foreach (var id in await db.Sessions.Where(s => s.EndedAt == null && s.EndReason != null && mine.Contains(s.Id))
            .Select(s => s.Id).ToListAsync(ct))
            if (sessions.Find(id) is { } asked)
                sessions.End(asked, EndReasons.Closed);
        await scope.ServiceProvider.GetRequiredService<SessionBook>().CloseSilentAsync(now - SilentFor, ct);
    }

    /// <summary>Until all are written down; the database may be away meanwhile.</summary>
    async Task CloseAsync()
    {
        await foreach (var session in sessions.Over.ReadAllAsync())
        {
            await session.Begun.Task;
            for (var done = false; !done;)
            {
                done = await TryAsync(async () =>
                {
                    await using var scope = scopes.CreateAsyncScope();
                    await scope.ServiceProvider.GetRequiredService<SessionBook>().CloseAsync(
                        session.Id, session.EndReason!, session.Bytes, CancellationToken.None);
                }, CancellationToken.None);
                if (!done)
                    await Task.Delay(Retry, clock);
            }
        }
    }

    async Task RemoveOldAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<SessionBook>().RemoveOldAsync(clock.GetUtcNow() - Kept, ct);
    }

    async Task<bool> TryAsync(Func<Task> act, CancellationToken ct)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            Failed(log, e.Message);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The sessions could not be looked after, it is tried again: {Reason}")]
    static partial void Failed(ILogger log, string reason);
}
