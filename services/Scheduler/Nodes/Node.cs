using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;

namespace CloudPhone.Scheduler.Nodes;

public enum NodeState
{
    /// <summary>Takes phones.</summary>
    Active,
    /// <summary>Keeps its phones and takes no more.</summary>
    Draining,
    /// <summary>Is away: somebody said so, or its heartbeat has stopped.</summary>
    Down,
    /// <summary>Lacks what phones need, as its preflight tells. It is never set.</summary>
    Unfit,
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
    /// <summary>What operators have said; <see cref="DownSince"/> goes beside it, so that both survive each
    /// other.</summary>
    public NodeState State { get; set; }
    /// <summary>As <see cref="NodeLabels"/> packs them.</summary>
    [Column(TypeName = "text")]
    public string Labels { get; set; } = "";
    /// <summary>The last heartbeat; null: there was none, and nobody waits for one.</summary>
    public DateTimeOffset? LastSeenAt { get; set; }
    /// <summary>Since when its heartbeat is missed.</summary>
    public DateTimeOffset? DownSince { get; set; }
    /// <summary>What whoever runs phones on it has found, as <see cref="NodePreflight"/> packs it.</summary>
    [Column(TypeName = "text")]
    public string Preflight { get; set; } = "";
    /// <summary>One of these has failed.</summary>
    public bool IsUnfit { get; set; }
    /// <summary>When its room began to be saved for who waits for much of it, in the present turn of saving.</summary>
    public DateTimeOffset? SavedFrom { get; set; }
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

    /// <summary>What it comes to.</summary>
    public NodeState Standing => DownSince is not null ? NodeState.Down
        : State == NodeState.Active && IsUnfit ? NodeState.Unfit : State;
}
