using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;

namespace CloudPhone.Scheduler.Nodes;

public enum NodeState
{
    /// <summary>Takes phones.</summary>
    Active,
    /// <summary>Keeps its phones and takes no more.</summary>
    Draining,
    /// <summary>Is away.</summary>
    Down,
}

/// <summary>
/// A machine that phones run on, with what it has and what is taken. Only placements change what is taken.
/// </summary>
public sealed class Node : IEntity, IVersioned
{
    public const int MaxName = 64;

    public Guid Id { get; set; }
    [MaxLength(MaxName)]
    public required string Name { get; set; }
    public NodeState State { get; set; }
    public int CpuCores { get; set; }
    /// <summary>GiB.</summary>
    public int MemoryGB { get; set; }
    public int MaxDevices { get; set; }
    public int UsedCpuCores { get; set; }
    public int UsedMemoryGB { get; set; }
    public int UsedDevices { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public long Version { get; set; } = 1;
}
