using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPhone.Billing.Charging;

/// <summary>The one row whose lease lets one replica at a time charge.</summary>
public sealed class ChargingTurn : DueRow
{
    /// <summary>When all that runs is charged again; before it only what has stopped.</summary>
    public DateTimeOffset AllDueAt { get; set; }
}

sealed class ChargingTurnTable : IEntityTypeConfiguration<ChargingTurn>
{
    public void Configure(EntityTypeBuilder<ChargingTurn> builder)
    {
        builder.ToTable("charging_turn").HasData(new ChargingTurn
        {
            Id = new("019a0000-0000-7000-8000-000000000021"), NextAttemptAt = DateTimeOffset.UnixEpoch,
            AllDueAt = DateTimeOffset.UnixEpoch,
        });
        builder.Property(t => t.Id).ValueGeneratedNever();
    }
}
