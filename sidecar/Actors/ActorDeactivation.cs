using CloudPhone.Sidecar.Actors.Placement;
using CloudPhone.Sidecar.Actors.Schedules;
using CloudPhone.Sidecar.Actors.Timers;

namespace CloudPhone.Sidecar.Actors;

/// <summary>
/// Takes actors out of the app's memory: those that nobody used for a while, and all when the sidecar ends.
/// </summary>
sealed partial class ActorDeactivation : IDisposable
{
    const int AtOnce = 32;

    readonly ActorTable _table;
    readonly ActorApp _app;
    readonly ActorTimers _timers;
    readonly ActorRegistration _registration;
    readonly TimeProvider _time;
    readonly ILogger<ActorDeactivation> _log;
    readonly DueQueue<ActiveActor> _idle;

    public ActorDeactivation(
        ActorTable table, ActorApp app, ActorTimers timers, ActorRegistration registration, TimeProvider time,
        ILogger<ActorDeactivation> log)
    {
        (_table, _app, _timers, _registration, _time, _log) = (table, app, timers, registration, time, log);
        _idle = new(time, actor => _ = DeactivateIdleAsync(actor));
        table.Activated += actor => _idle.Set(actor, actor.IdleAt);
    }

    /// <summary>
    /// Deactivates every actor; a call that runs is waited for as long as the app's drain time-out says.
    /// </summary>
    public Task DrainAsync(CancellationToken ct) => Parallel.ForEachAsync(
        _table.Active, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
        async (actor, token) =>
        {
            _idle.Remove(actor);
            using var patience = new CancellationTokenSource(
                actor.Settings.Drain ? actor.Settings.DrainTimeout : TimeSpan.Zero, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(token, patience.Token);
            var entered = await TryEnterAsync(actor, either.Token);
            await DeactivateAsync(actor, token);
            if (entered)
                actor.Turns.Leave();
        });

    public void Dispose() => _idle.Dispose();

    async Task DeactivateIdleAsync(ActiveActor actor)
    {
        var now = _time.GetUtcNow();
        if (!actor.Turns.IsIdle || actor.IdleAt > now)
        {
            _idle.Set(actor, actor.IdleAt > now ? actor.IdleAt : now + actor.Settings.IdleTimeout);
            return;
        }
        await actor.Turns.EnterAsync(null, CancellationToken.None);
        try
        {
            if (actor.IdleAt > _time.GetUtcNow())
                _idle.Set(actor, actor.IdleAt);
            else if (!actor.IsClosed)
                await DeactivateAsync(actor, CancellationToken.None);
        }
        finally
        {
            actor.Turns.Leave();
        }
    }

    /// <summary>An app that is gone or ill has forgotten its actors, or will when it starts again.</summary>
    async Task DeactivateAsync(ActiveActor actor, CancellationToken ct)
    {
        actor.IsClosed = true;
        _timers.StopAll(actor.Key);
        try
        {
            await _app.DeactivateAsync(actor.Key, ct);
        }
        catch (Exception e) when (
            e is App.AppUnavailableException
                or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
        {
            LogGone(actor.Key.Type, actor.Key.Id);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            LogFailed(actor.Key.Type, actor.Key.Id, e.Message);
        }
        finally
        {
            await _registration.ReleaseAsync(actor.Key);
            _table.Remove(actor);
        }
    }

    static async Task<bool> TryEnterAsync(ActiveActor actor, CancellationToken ct)
    {
        try
        {
            await actor.Turns.EnterAsync(null, ct);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "the app is gone, and with it actor {Type}/{Id}")]
    partial void LogGone(string type, string id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the app did not deactivate actor {Type}/{Id}: {Error}")]
    partial void LogFailed(string type, string id, string error);
}
