using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;

namespace CloudPhone.Scheduler.Placements;

public enum PlacementState
{
    /// <summary>Holds room for a phone that is being created.</summary>
    Reserved,
    /// <summary>The phone exists.</summary>
    Confirmed,
    /// <summary>Nobody confirmed it in time; the phone may still come.</summary>
    Expired,
    /// <summary>The phone is gone or was never made: nothing brings it back.</summary>
    Released,
}

/// <summary>
/// Where a phone is: one for each device id, kept after its release so that what comes late finds it.
/// </summary>
public sealed class Placement : IEntity, IVersioned
{
    public Guid Id { get; set; }
    public Guid DeviceId { get; set; }
    public Guid UserId { get; set; }
    /// <summary>Null: it was released before it was ever placed.</summary>
    public Guid? NodeId { get; set; }
    public int CpuCores { get; set; }
    /// <summary>GiB.</summary>
    public int MemoryGB { get; set; }
    public PlacementState State { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    /// <summary>When it is freed unless it is confirmed; null once it need not be.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
    /// <summary>The reservation whose room it took over.</summary>
    public Guid? ReservationId { get; set; }
    public long Version { get; set; } = 1;

    /// <summary>Whether it counts on its node.</summary>
    public bool HoldsRoom => State is PlacementState.Reserved or PlacementState.Confirmed;
}

static class PlacementQueries
{
    public static IQueryable<Placement> HoldingRoom(this IQueryable<Placement> placements) => placements
        .Where(p => p.State == PlacementState.Reserved || p.State == PlacementState.Confirmed);
}

public enum PlacementAction
{
    Placed,
    Confirmed,
    /// <summary>Confirmed after it had expired, whether there was room or not.</summary>
    Readmitted,
    Expired,
    Released,
    /// <summary>To this node, from the one of the change before.</summary>
    Moved,
}

/// <summary>One change of a placement, with what its node had in use right after it. It may free room that somebody
/// waits for.</summary>
public sealed class PlacementChange : IEntity, IAwaited
{
    public Guid Id { get; set; }
    public Guid DeviceId { get; set; }
    public Guid NodeId { get; set; }
    public PlacementAction Action { get; set; }
    public int CpuCores { get; set; }
    /// <summary>GiB.</summary>
    public int MemoryGB { get; set; }
    public int NodeUsedCpuCores { get; set; }
    public int NodeUsedMemoryGB { get; set; }
    public int NodeUsedDevices { get; set; }
    public DateTimeOffset At { get; set; }
}
