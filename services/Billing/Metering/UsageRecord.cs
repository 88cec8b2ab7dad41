using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Metering;

public enum UsageStatus { Open, Paused, Closed }

/// <summary>
/// One run of a phone, from power-on to power-off. The first one of a phone is there from its creation on, still
/// without a start.
/// </summary>
public sealed class UsageRecord : IEntity
{
    public Guid Id { get; set; }
    public Guid DeviceId { get; set; }
    public Guid UserId { get; set; }
    /// <summary>Version of the fact that started the run, or of the creation while it has not started.</summary>
    public long FromVersion { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? StoppedAt { get; set; }
    /// <summary>Since when it is in error; null unless paused.</summary>
    public DateTimeOffset? PausedAt { get; set; }
    /// <summary>Ended pauses, in milliseconds.</summary>
    public long PausedMs { get; set; }
    public UsageStatus Status { get; set; }
    public int CpuCores { get; set; }
    public int MemoryGB { get; set; }
    /// <summary>CNY, by the rates that were valid at the start. It holds for the whole run.</summary>
    public decimal PricePerHour { get; set; }

    public long PausedSeconds(DateTimeOffset now) => Paused(now) / 1000;

    /// <summary>Metered so far: whole seconds between start and stop, or now, without the pauses.</summary>
    public long Seconds(DateTimeOffset now)
    {
        if (StartedAt is not { } started)
            return 0;
        var elapsed = (long)((StoppedAt ?? now) - started).TotalMilliseconds;
        return Math.Max(0, elapsed - Paused(now)) / 1000;
    }

    /// <summary>CNY, to 6 places.</summary>
    public decimal Amount(DateTimeOffset now) =>
        decimal.Round(PricePerHour * Seconds(now) / 3600, 6, MidpointRounding.ToEven);

    long Paused(DateTimeOffset now) =>
        PausedMs + (PausedAt is { } since && now > since ? (long)(now - since).TotalMilliseconds : 0);

    /// <summary>Takes over what the facts say now; the id stays.</summary>
    public void Take(UsageRecord other) =>
        (UserId, FromVersion, StartedAt, StoppedAt, PausedAt, PausedMs, Status, CpuCores, MemoryGB, PricePerHour) =
        (other.UserId, other.FromVersion, other.StartedAt, other.StoppedAt, other.PausedAt, other.PausedMs,
            other.Status, other.CpuCores, other.MemoryGB, other.PricePerHour);
}
