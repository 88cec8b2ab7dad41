using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;

namespace CloudPhone.Scheduler.Actions;

public enum ActionKind { Start, Stop, Restart, Install, Snapshot }

/// <summary>What becomes of runs whose time passed while nobody was there to begin them.</summary>
public enum MissedRuns
{
    Skip,
    /// <summary>One, however many were missed.</summary>
    [JsonStringEnumMemberName("run-once")]
    RunOnce,
}

/// <summary>
/// What a user wants done with phones, once or again and again. <see cref="NextRunAt"/> is when; the worker's own
/// columns follow it, and move while it is in hand.
/// </summary>
public sealed class TimedAction : DueRow, IVersioned
{
    public const int MaxName = 100;
    public const int MaxCron = 100;
    public const int MaxZone = 64;

    public Guid UserId { get; set; }
    [MaxLength(MaxName)]
    public string? Name { get; set; }
    public ActionKind Kind { get; set; }
    /// <summary>For <see cref="ActionKind.Install"/>.</summary>
    public Guid? AppId { get; set; }
    /// <summary>For <see cref="ActionKind.Snapshot"/>.</summary>
    [MaxLength(MaxName)]
    public string? SnapshotName { get; set; }
    /// <summary>Of one that runs once.</summary>
    public DateTimeOffset? RunAt { get; set; }
    /// <summary>Five fields, of one that recurs.</summary>
    [MaxLength(MaxCron)]
    public string? Cron { get; set; }
    /// <summary>The IANA name of the zone that <see cref="Cron"/> is in.</summary>
    [MaxLength(MaxZone)]
    public string? TimeZone { get; set; }
    public MissedRuns Missed { get; set; }
    public bool Enabled { get; set; }
    /// <summary>Null: it is not enabled, has run, or has no phone left.</summary>
    public DateTimeOffset? NextRunAt { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public long Version { get; set; } = 1;
}

/// <summary>A phone of an action.</summary>
public sealed class ActionDevice
{
    public Guid ActionId { get; set; }
    public Guid DeviceId { get; set; }
}

public enum RunOutcome
{
    /// <summary>The device service was told.</summary>
    Begun,
    /// <summary>It was missed, and the action says to leave such runs out.</summary>
    Skipped,
}

/// <summary>A moment of an action that has come.</summary>
public sealed class ActionRun : IEntity
{
    public Guid Id { get; set; }
    public Guid ActionId { get; set; }
    public DateTimeOffset DueAt { get; set; }
    /// <summary>When it was seen to.</summary>
    public DateTimeOffset At { get; set; }
    public RunOutcome Outcome { get; set; }
    /// <summary>How many phones were to do it.</summary>
    public int Devices { get; set; }
    /// <summary>How many moments before it were left out with it.</summary>
    public int MissedBefore { get; set; }
}
