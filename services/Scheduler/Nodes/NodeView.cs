namespace CloudPhone.Scheduler.Nodes;

/// <param name="MemoryGB">GiB.</param>
sealed record Resources(int CpuCores, int MemoryGB, int Devices);

/// <param name="Free">Never below zero; a node whose capacity was lowered can have more used than it has.</param>
/// <param name="LastSeenAt">Its last heartbeat; null: it has none, and is taken to be there.</param>
/// <param name="DownSince">Since when its heartbeat is missed.</param>
sealed record NodeView(
    Guid Id, string Name, NodeState State, IReadOnlyDictionary<string, string> Labels, Resources Capacity,
    Resources Used, Resources Free, DateTimeOffset? LastSeenAt, DateTimeOffset? DownSince, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, IReadOnlyList<NodeCheck> Preflight)
{
    public static NodeView Of(Node n) => new(
        n.Id, n.Name, n.Standing, NodeLabels.Unpack(n.Labels), new(n.CpuCores, n.MemoryGB, n.MaxDevices),
        new(n.UsedCpuCores, n.UsedMemoryGB, n.UsedDevices),
        new(Rest(n.CpuCores, n.UsedCpuCores), Rest(n.MemoryGB, n.UsedMemoryGB), Rest(n.MaxDevices, n.UsedDevices)),
        n.LastSeenAt, n.DownSince, n.CreatedAt, n.UpdatedAt, NodePreflight.Of(n));

    static int Rest(int capacity, int used) => Math.Max(0, capacity - used);
}
