using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Scheduler.Actions;

/// <param name="DeviceIds">1 to 100 phones of the user's own.</param>
/// <param name="AppId">For <c>install</c> alone.</param>
/// <param name="SnapshotName">For <c>snapshot</c> alone.</param>
/// <param name="RunAt">For an action that runs once.</param>
/// <param name="Cron">For one that recurs: minute, hour, day of month, month, day of week.</param>
/// <param name="TimeZone">An IANA name; UTC unless given.</param>
sealed record NewAction(
    IReadOnlyList<Guid> DeviceIds, ActionKind Action, string? Name = null, Guid? AppId = null,
    string? SnapshotName = null, DateTimeOffset? RunAt = null, string? Cron = null, string? TimeZone = null,
    MissedRuns Missed = MissedRuns.Skip, bool Enabled = true)
{
    public ProblemHttpResult? Check() => ActionRules.CheckDevices(DeviceIds) ?? ActionRules.CheckName("name", Name)
        ?? ActionRules.CheckName("snapshotName", SnapshotName)
        ?? ((Action == ActionKind.Install) != AppId is not null
            ? ActionRules.Bad("appId goes with install, and install with appId.") : null)
        ?? ((Action == ActionKind.Snapshot) != SnapshotName is not null
            ? ActionRules.Bad("snapshotName goes with snapshot, and snapshot with snapshotName.") : null);
}

/// <summary>
/// What is left out stays. A moment that is given replaces a cron expression, and the other way round; what an action
/// does is not changed.
/// </summary>
sealed record ActionChange(
    IReadOnlyList<Guid>? DeviceIds = null, string? Name = null, DateTimeOffset? RunAt = null, string? Cron = null,
    string? TimeZone = null, MissedRuns? Missed = null, bool? Enabled = null)
{
    public bool ChangesTime => RunAt is not null || Cron is not null || TimeZone is not null || Enabled is not null;

    public ProblemHttpResult? Check() =>
        (DeviceIds is { } ids ? ActionRules.CheckDevices(ids) : null) ?? ActionRules.CheckName("name", Name);

    public void ApplyTo(TimedAction a)
    {
        a.Name = Name ?? a.Name;
        a.Missed = Missed ?? a.Missed;
        a.Enabled = Enabled ?? a.Enabled;
        if (RunAt is not null || Cron is not null)
            (a.RunAt, a.Cron, a.TimeZone) = (RunAt, Cron, TimeZone ?? (Cron is null ? null : a.TimeZone));
        else
            a.TimeZone = TimeZone ?? a.TimeZone;
    }
}

static class ActionRules
{
    const int MaxDevices = 100;

    public static ProblemHttpResult Bad(string detail) => Problems.BadRequest("bad-request", detail);

    public static ProblemHttpResult? CheckDevices(IReadOnlyList<Guid> ids) =>
        ids.Count is < 1 or > MaxDevices || ids.Distinct().Count() != ids.Count
            ? Bad($"deviceIds are 1 to {MaxDevices} different phones.") : null;

    public static ProblemHttpResult? CheckName(string field, string? name) =>
        name is not null && (name.Length > TimedAction.MaxName || string.IsNullOrWhiteSpace(name)
            || name.Any(char.IsControl)) ? Bad($"{field} has 1 to {TimedAction.MaxName} characters.") : null;

    /// <summary>Sets the time of the next run by what the action says.</summary>
    /// <returns>Null where that is good.</returns>
    public static ProblemHttpResult? Plan(TimedAction a, DateTimeOffset now)
    {
        if (Timetable.Read(a.RunAt, a.Cron, a.TimeZone, out var error) is not { } table)
            return Bad(error);
        a.NextRunAt = a.Enabled ? table.After(now) : null;
        if (a.Enabled && a.NextRunAt is null)
            return Problems.BadRequest("never-due", "This moment never comes, or is over.");
        a.NextAttemptAt = a.NextRunAt;
        return null;
    }
}
