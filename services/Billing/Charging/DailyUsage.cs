using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPhone.Billing.Charging;

/// <summary>
/// What was charged for a device on a day of UTC: the sum of its charges whose interval begins on that day. A
/// correction counts where the charge does that it is part of.
/// </summary>
public sealed class DailyUsage : IEntity
{
    /// <summary>Its time is the day's, so that lists are by day.</summary>
    public Guid Id { get; init; }
    public Guid DeviceId { get; init; }
    public Guid UserId { get; init; }
    public DateOnly Day { get; init; }
    public long Seconds { get; set; }
    /// <summary>Those of them that plans have paid for.</summary>
    public long IncludedSeconds { get; set; }
    /// <summary>CNY.</summary>
    public decimal Amount { get; set; }

    /// <summary>Below the ids of the day's rows and above those of the days before: the primary key finds
    /// days.</summary>
    internal static Guid FirstIdOf(int dayNumber)
    {
        var ms = Math.Max(0, (dayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * 86_400_000L);
        return new((int)(ms >> 16), (short)ms, 0x7000, 0, 0, 0, 0, 0, 0, 0, 0);
    }
}

sealed class DailyUsageTable : IEntityTypeConfiguration<DailyUsage>
{
    public void Configure(EntityTypeBuilder<DailyUsage> builder)
    {
        // each minute changes the day's rows: with room beside them their indexes need no change
        builder.ToTable("daily_usage").HasStorageParameter("fillfactor", 50);
        builder.Property(d => d.Id).ValueGeneratedNever();
        builder.HasIndex(d => new { d.DeviceId, d.Day, d.UserId }).IsUnique();
        builder.HasIndex(d => new { d.UserId, d.Id });
    }
}
