namespace CloudPhone.Scheduler.Nodes;

/// <param name="MemoryGB">GiB.</param>
sealed record Resources(int CpuCores, int MemoryGB, int Devices);

/// <param name="Free">Never below zero; a node whose capacity was lowered can have more used than it has.</param>
sealed record NodeView(
    Guid Id, string Name, NodeState State, Resources Capacity, Resources Used, Resources Free,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static NodeView Of(Node n) => new(
        n.Id, n.Name, n.State, new(n.CpuCores, n.MemoryGB, n.MaxDevices),
        new(n.UsedCpuCores, n.UsedMemoryGB, n.UsedDevices),
        new(Rest(n.CpuCores, n.UsedCpuCores), Rest(n.MemoryGB, n.UsedMemoryGB), Rest(n.MaxDevices, n.UsedDevices)),
        n.CreatedAt, n.UpdatedAt);

    static int Rest(int capacity, int used) => Math.Max(0, capacity - used);
}
