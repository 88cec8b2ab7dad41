namespace CloudPhone.Devices.Operations;

public enum OperationStatus
{
    Pending,
    Running,
    Succeeded,
    Failed,
    /// <summary>It is over, and did not succeed with every phone.</summary>
    Partly,
}

/// <param name="EndedAt">Null while it goes on.</param>
/// <param name="Items">In the order of the request; null in lists.</param>
sealed record OperationView(
    Guid Id, OperationAction Action, OperationStatus Status, Guid UserId, DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt, OperationCounts Counts, IReadOnlyList<OperationItemView>? Items)
{
    public static OperationView Of(Operation o, IReadOnlyList<OperationItem> items) => new(
        o.Id, o.Action, StatusOf(OperationCounts.Of(items)), o.UserId, o.CreatedAt,
        items.All(i => i.IsEnded) ? items.Max(i => i.EndedAt) : null, OperationCounts.Of(items),
        [.. items.OrderBy(i => i.Position).Select(OperationItemView.Of)]);

    public static OperationStatus StatusOf(OperationCounts c) =>
        c.Pending == c.Total ? OperationStatus.Pending
        : c.Pending + c.Running > 0 ? OperationStatus.Running
        : c.Failed == 0 ? OperationStatus.Succeeded
        : c.Succeeded == 0 ? OperationStatus.Failed
        : OperationStatus.Partly;
}

/// <summary>How many phones it is about, and how it went with them.</summary>
sealed record OperationCounts(int Total, int Pending, int Running, int Succeeded, int Failed)
{
    public static OperationCounts Of(IReadOnlyCollection<OperationItem> items) => new(
        items.Count, Count(items, OperationItemStatus.Pending), Count(items, OperationItemStatus.Running),
        Count(items, OperationItemStatus.Succeeded), Count(items, OperationItemStatus.Failed));

    static int Count(IReadOnlyCollection<OperationItem> items, OperationItemStatus status) =>
        items.Count(i => i.Status == status);
}

/// <param name="InstallId">For installs and removals.</param>
/// <param name="SnapshotId">For snapshots, and for what is made of them.</param>
/// <param name="Problem">Why it failed; null unless it did.</param>
sealed record OperationItemView(
    Guid DeviceId, OperationItemStatus Status, OperationProblem? Problem, DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt, Guid? InstallId, Guid? SnapshotId)
{
    public static OperationItemView Of(OperationItem i) => new(
        i.DeviceId, i.Status, i.ProblemType is { } type ? new(type, i.ProblemDetail!) : null, i.StartedAt, i.EndedAt,
        i.Action is OperationAction.Install or OperationAction.Uninstall && i.StartedAt is not null ? i.Id : null,
        i.SnapshotId);
}

/// <summary>As a problem's members of the same names.</summary>
sealed record OperationProblem(string Type, string Detail);
