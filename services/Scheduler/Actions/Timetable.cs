using Cronos;

namespace CloudPhone.Scheduler.Actions;

/// <summary>
/// The moments of an action. Where clocks go forward, what falls into the hour that is missing comes right after it;
/// where they go back, what names an hour comes once, and what recurs within hours goes on through both.
/// </summary>
sealed class Timetable
{
    readonly DateTimeOffset? _once;
    readonly CronExpression? _cron;
    readonly TimeZoneInfo _zone = TimeZoneInfo.Utc;

    Timetable(DateTimeOffset once) => _once = once;

    Timetable(CronExpression cron, TimeZoneInfo zone) => (_cron, _zone) = (cron, zone);

    /// <param name="zone">Null: UTC.</param>
    /// <param name="error">A sentence, where the result is null.</param>
    public static Timetable? Read(DateTimeOffset? runAt, string? cron, string? zone, out string error)
    {
        error = "";
        if (runAt is null == cron is null)
            error = "An action has either runAt or cron.";
        else if (cron is null && zone is not null)
            error = "timeZone goes with cron; runAt has its own offset.";
        else if (cron is { Length: > TimedAction.MaxCron } || !TryParse(cron, out var expression))
            error = "cron has five fields: minute, hour, day of month, month, day of week, like 30 8 * * 1-5.";
        else if (Zone(zone ?? "UTC") is not { } found)
            error = "timeZone is the IANA name of a time zone, like Asia/Shanghai.";
        else
            return runAt is { } once ? new(once) : new(expression!, found);
        return null;
    }

    public static Timetable Of(TimedAction a) => Read(a.RunAt, a.Cron, a.TimeZone, out var error)
        ?? throw new InvalidOperationException($"action {a.Id}: {error}"); // as when a zone is gone from this machine

    /// <summary>The first moment after this one; null: there is none.</summary>
    public DateTimeOffset? After(DateTimeOffset at) =>
        _once is { } once ? once > at ? once : null
        : _cron!.GetNextOccurrence(at, _zone);

    /// <summary>The next moments, in the action's own time zone.</summary>
    public IEnumerable<DateTimeOffset> Next(DateTimeOffset after, int count)
    {
        for (var next = After(after); next is { } at && count > 0; next = After(at), count--)
            yield return TimeZoneInfo.ConvertTime(at, _zone);
    }

    static bool TryParse(string? cron, out CronExpression? expression)
    {
        expression = null;
        return cron is null || CronExpression.TryParse(cron, CronFormat.Standard, out expression);
    }

    static TimeZoneInfo? Zone(string name) =>
        name.Length <= TimedAction.MaxZone && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            && zone.HasIanaId ? zone : null;
}
