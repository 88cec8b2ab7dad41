using CloudPhone.Sidecar.Actors.Schedules;
using CloudPhone.Sidecar.State;

namespace CloudPhone.Sidecar.Actors.Reminders;

/// <summary>A reminder that waits. Each registration and each repetition is one of its own.</summary>
sealed class Reminder(ReminderRecord record)
{
    /// <summary>How often a tick is tried before it is given up.</summary>
    public const int Tries = 3;

    public static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait at most for an app that can't be reached before it is asked again.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public ReminderRecord Record => record;

    public int Failures { get; set; }

    public int Misses { get; set; }

    public ActorCall Call =>
        ActorCall.Callback(new(record.Key.ActorType, record.Key.ActorId), "remind", record.Key.Name,
            CallbackBody.Reminder(record.Data));

    /// <summary>One second, then two, four, …</summary>
    public TimeSpan WaitAfterMiss =>
        BetweenTries * Math.Min(Math.Pow(2, Math.Max(0, Misses - 1)), LongestWait / BetweenTries);

    public bool IsExpired(DateTimeOffset now) => record.ExpiresAt <= now;

    /// <summary>The next repetition; null: it was the last.</summary>
    public Reminder? Next(DateTimeOffset now)
    {
        var left = record.RepeatsLeft - 1;
        if (left <= 0 || record.Period.Length == 0)
            return null;
        var next = record with
        {
            NextAt = Period.Parse(record.Period).NextAfter(record.NextAt, now),
            RepeatsLeft = left,
        };
        return next.ExpiresAt <= next.NextAt ? null : new(next);
    }
}
