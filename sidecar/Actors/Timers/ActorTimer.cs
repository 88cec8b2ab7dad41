using CloudPhone.Sidecar.Actors.Schedules;

namespace CloudPhone.Sidecar.Actors.Timers;

/// <summary>What the app asked for: times, the callback's name and data as it wrote them.</summary>
sealed record TimerRequest(string DueTime, string Period, string TimeToLive, string Callback, byte[]? Data);

/// <summary>A timer that runs. Each registration is one of its own, also under the name of another.</summary>
sealed class ActorTimer(ActorKey actor, string name, TimerRequest request, Schedule schedule)
{
    readonly byte[] _body = CallbackBody.Timer(request.Callback, request.Data, request.DueTime, request.Period);
    int? _repeatsLeft = schedule.Period?.Repeats;

    public ActorKey Actor => actor;
    public string Name => name;
    public DateTimeOffset DueAt { get; private set; } = schedule.FirstAt;
    public ActorCall Call => ActorCall.Callback(actor, "timer", name, _body);

    public bool IsExpired(DateTimeOffset now) => schedule.ExpiresAt <= now;

    /// <summary>Goes on to the next time; false: it was the last.</summary>
    public bool Advance(DateTimeOffset now)
    {
        if (schedule.Period is not { } period || --_repeatsLeft <= 0)
            return false;
        DueAt = period.NextAfter(DueAt, now);
        return true;
    }
}
