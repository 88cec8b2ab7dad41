using CloudPhone.Sidecar.Actors.Placement;
using CloudPhone.Sidecar.Actors.Schedules;
using CloudPhone.Sidecar.Hosting;
using Grpc.Core;

namespace CloudPhone.Sidecar.Actors.Timers;

/// <summary>
/// Timers live in memory and end with their actor's deactivation. A callback that fails is logged, and the timer
/// goes on.
/// </summary>
sealed partial class ActorTimers : IDisposable
{
    readonly ActorTable _table;
    readonly ActorRouter _router;
    readonly TimeProvider _time;
    readonly ILogger<ActorTimers> _log;
    readonly DueQueue<ActorTimer> _due;
    readonly Lock _lock = new();
    readonly Dictionary<ActorKey, Dictionary<string, ActorTimer>> _timers = [];

    public ActorTimers(ActorTable table, ActorRouter router, TimeProvider time, ILogger<ActorTimers> log)
    {
        (_table, _router, _time, _log) = (table, router, time, log);
        _due = new(time, timer => _ = FireAsync(timer));
    }

    /// <summary>Starts it, in place of the one of that name.</summary>
    /// <exception cref="ApiException">500 ERR_ACTOR_TIMER_CREATE: a time can't be read, or the type is not hosted
    /// here.</exception>
    public void Register(ActorKey actor, string name, TimerRequest request)
    {
        if (!_table.Hosts(actor.Type))
            throw Failed(new ActorNotHostedException(actor).Message);
        try
        {
            var schedule = Schedule.Parse(request.DueTime, request.Period, request.TimeToLive, _time.GetUtcNow());
            var timer = new ActorTimer(actor, name, request, schedule);
            lock (_lock)
            {
                Take(actor, name);
                if (!_timers.TryGetValue(actor, out var ofActor))
                    _timers.Add(actor, ofActor = []);
                ofActor.Add(name, timer);
                _due.Set(timer, timer.DueAt);
            }
        }
        catch (FormatException e)
        {
            throw Failed(e.Message);
        }
    }

    /// <summary>Ends it; nothing happens where there is none.</summary>
    public void Unregister(ActorKey actor, string name)
    {
        lock (_lock)
            Take(actor, name);
    }

    public void StopAll(ActorKey actor)
    {
        lock (_lock)
            if (_timers.Remove(actor, out var ofActor))
                foreach (var timer in ofActor.Values)
                    _due.Remove(timer);
    }

    public void Clear()
    {
        lock (_lock)
        {
            _timers.Clear();
            _due.Clear();
        }
    }

    public void Dispose() => _due.Dispose();

    async Task FireAsync(ActorTimer timer)
    {
        var ends = timer.IsExpired(_time.GetUtcNow());
        if (!ends)
            try
            {
                ends = (await _router.CallAsync(timer.Call, CancellationToken.None)).CancelsReminder;
            }
            catch (Exception e)
            {
                LogFailed(timer.Name, timer.Actor.Type, timer.Actor.Id, e.Message);
            }
        lock (_lock)
        {
            if (!IsCurrent(timer))
                return;
            var now = _time.GetUtcNow();
            if (ends || !timer.Advance(now) || timer.IsExpired(timer.DueAt))
                Take(timer.Actor, timer.Name);
            else
                _due.Set(timer, timer.DueAt);
        }
    }

    bool IsCurrent(ActorTimer timer) => _timers.TryGetValue(timer.Actor, out var ofActor)
        && ofActor.TryGetValue(timer.Name, out var current) && ReferenceEquals(current, timer);

    void Take(ActorKey actor, string name)
    {
        if (!_timers.TryGetValue(actor, out var ofActor) || !ofActor.Remove(name, out var timer))
            return;
        _due.Remove(timer);
        if (ofActor.Count == 0)
            _timers.Remove(actor);
    }

    static ApiException Failed(string why) =>
        new(500, StatusCode.Internal, "ERR_ACTOR_TIMER_CREATE", $"error creating actor timer: {why}");

    [LoggerMessage(Level = LogLevel.Warning, Message = "timer {Name} of actor {Type}/{Id} failed and goes on: {Error}")]
    partial void LogFailed(string name, string type, string id, string error);
}
