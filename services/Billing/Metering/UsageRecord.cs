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
    public int StorageGB { get; set; }
    /// <summary>CNY, by the rates that were valid at the start. It holds for the whole run.</summary>
    public decimal PricePerHour { get; set; }

    /// <summary>Counts what the facts have changed. What differs from <see cref="ChargedChanges"/> is looked at by the
    /// next charge.</summary>
    public long Changes { get; set; } = 1;
    /// <summary>From here on only charging writes, and metering never does.</summary>
    public long ChargedChanges { get; set; }
    /// <summary>Where the next charge begins; null: at the start.</summary>
    public DateTimeOffset? ChargedUntil { get; set; }
    /// <summary>Of all charges, the included ones among them.</summary>
    public long ChargedSeconds { get; set; }
    /// <summary>Those that plans have paid for.</summary>
    public long IncludedSeconds { get; set; }
    /// <summary>CNY, the sum of all charges.</summary>
    public decimal ChargedAmount { get; set; }

    /// <summary>What a charge looks at, as SQL.</summary>
    internal const string ToCharge = "status = 'Open' OR changes <> charged_changes";

    public long PausedSeconds(DateTimeOffset now) => Paused(now) / 1000;

    /// <summary>Metered so far: whole seconds between start and stop, or now, without the pauses.</summary>
    public long Seconds(DateTimeOffset now)
    {
        if (StartedAt is not { } started)
            return 0;
        var elapsed = (long)((StoppedAt ?? now) - started).TotalMilliseconds;
        return Math.Max(0, elapsed - Paused(now)) / 1000;
    }

    /// <summary>The same for an instant that may be before the stop. Of pauses before it that have ended by now, but
    /// not by then, it takes off too much.</summary>
    public long SecondsUntil(DateTimeOffset then)
    {
        if (StartedAt is not { } started)
            return 0;
        var elapsed = (long)((StoppedAt is { } stop && stop < then ? stop : then) - started).TotalMilliseconds;
        return Math.Max(0, elapsed - Paused(then)) / 1000;
    }

    /// <summary>CNY without what plans have paid for, to 6 places.</summary>
    public decimal Amount(DateTimeOffset now) => Price(Seconds(now) - IncludedSeconds);

    /// <summary>CNY, to 6 places, rounded as PostgreSQL does.</summary>
    public decimal Price(long seconds) =>
        decimal.Round(PricePerHour * seconds / 3600, 6, MidpointRounding.AwayFromZero);

    long Paused(DateTimeOffset now) =>
        PausedMs + (PausedAt is { } since && now > since ? (long)(now - since).TotalMilliseconds : 0);

    /// <summary>Takes over what the facts say now; the id and what was charged stay.</summary>
    public void Take(UsageRecord other)
    {
        (UserId, FromVersion, StartedAt, StoppedAt, PausedAt, PausedMs, Status, PricePerHour) =
            (other.UserId, other.FromVersion, other.StartedAt, other.StoppedAt, other.PausedAt, other.PausedMs,
                other.Status, other.PricePerHour);
        (CpuCores, MemoryGB, StorageGB) = (other.CpuCores, other.MemoryGB, other.StorageGB);
        Changes++;
    }

    /// <summary>There was no such run.</summary>
    public void Void()
    {
        (Status, StoppedAt, PausedAt, PausedMs) = (UsageStatus.Closed, StartedAt, null, 0);
        Changes++;
    }
}
