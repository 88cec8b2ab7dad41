using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Operations;

public enum OperationItemStatus
{
    /// <summary>Nothing has been done yet.</summary>
    Pending,
    /// <summary>The phone is on its way.</summary>
    Running,
    Succeeded,
    Failed,
}

/// <summary>What an operation does with one phone, and how far that is. A worker brings it to its end, and whichever
/// process is there then does.</summary>
public sealed class OperationItem : DueRow
{
    /// <summary>After that it has failed, though what was begun may still come to its end.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>Of what copies a phone's data, from when it is begun.</summary>
    public static readonly TimeSpan CopyPatience = TimeSpan.FromHours(1);

    /// <summary>For so long what copies a phone's data waits for its turn.</summary>
    public static readonly TimeSpan TurnPatience = TimeSpan.FromHours(6);

    public Guid OperationId { get; set; }
    /// <summary>Its place in the request.</summary>
    public int Position { get; set; }
    public OperationAction Action { get; set; }
    public Guid DeviceId { get; set; }
    /// <summary>Who asked for it.</summary>
    public Guid UserId { get; set; }
    public Guid? AppId { get; set; }
    public Guid? SnapshotId { get; set; }
    /// <summary>The phone was on when it was switched off for this.</summary>
    public bool StartsAgain { get; set; }
    public OperationItemStatus Status { get; set; }
    /// <summary>A problem's type; null unless it failed.</summary>
    [MaxLength(64)]
    public string? ProblemType { get; set; }
    [MaxLength(600)]
    public string? ProblemDetail { get; set; }
    public DateTimeOffset DeadlineAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    internal bool IsEnded => Status is OperationItemStatus.Succeeded or OperationItemStatus.Failed;

    internal void Begin(DateTimeOffset now) => (Status, StartedAt) = (OperationItemStatus.Running, now);

    internal void BeginCopy(DateTimeOffset now)
    {
        Begin(now);
        DeadlineAt = now + CopyPatience;
    }

    internal void Succeed(DateTimeOffset now) => (Status, EndedAt) = (OperationItemStatus.Succeeded, now);

    internal void Fail(string type, string detail, DateTimeOffset now) =>
        (Status, ProblemType, ProblemDetail, EndedAt) = (
            OperationItemStatus.Failed, type, detail[..Math.Min(detail.Length, 600)], now);
}
