namespace CloudPhone.Billing.Metering;

public enum FactKind { Created, Started, Stopped, Error, Recovered, Failed, Deleted }

/// <summary>
/// What a device event said. A device's facts are a set, ordered by the device's own versions; its usage records
/// follow from them alone, so late, doubled and reordered events end in the same bill.
/// </summary>
public sealed class DeviceFact
{
    public Guid DeviceId { get; init; }
    public long Version { get; init; }
    public Guid UserId { get; init; }
    public FactKind Kind { get; init; }
    public DateTimeOffset At { get; init; }
    /// <summary>Null where the event does not say.</summary>
    public int? CpuCores { get; init; }
    /// <summary>GiB; null where the event does not say.</summary>
    public int? MemoryGB { get; init; }
    /// <summary>GiB; null where the event does not say.</summary>
    public int? StorageGB { get; init; }
}

/// <summary>One row per device: its update is what lets events of one device take turns.</summary>
public sealed class MeteredDevice
{
    public Guid DeviceId { get; init; }
    public long Changes { get; set; }
}
