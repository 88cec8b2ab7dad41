using CloudPhone.Sidecar.Actors.Schedules;
using CloudPhone.Sidecar.State;

namespace CloudPhone.Sidecar.Actors.Reminders;

/// <summary>What the app asked for: times and data as it wrote them.</summary>
/// <param name="Overwrite">False: one of that name must not be there.</param>
sealed record ReminderRequest(string DueTime, string Period, string TimeToLive, byte[]? Data, bool Overwrite)
{
    /// <exception cref="FormatException">A time can't be read, or the period has days, which the runtime refuses
    /// too.</exception>
    public ReminderRecord ToRecord(ReminderKey key, DateTimeOffset now)
    {
        var schedule = Schedule.Parse(DueTime, Period, TimeToLive, now);
        return schedule.Period is { HasCalendarParts: true }
            ? throw new FormatException($"unsupported period format: {Period}")
            : new(key, DueTime, schedule.Period is null ? "" : Period, Data, schedule.FirstAt,
                schedule.Period is null ? 1 : schedule.Period.Repeats, schedule.ExpiresAt);
    }
}
