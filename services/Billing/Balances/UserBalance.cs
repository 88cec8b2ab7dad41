using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPhone.Billing.Balances;

/// <summary>A user's balance as the user service told it last. Without a row it is 0.</summary>
public sealed class UserBalance
{
    public Guid UserId { get; init; }
    /// <summary>CNY.</summary>
    public decimal Balance { get; set; }
    /// <summary>The account's own: what has a lower one comes late and is left out.</summary>
    public long Version { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    /// <summary>That it is low was told, and it has not been above the threshold since.</summary>
    public bool IsLowTold { get; set; }
    /// <summary>The phones were stopped, and it has not been positive since, nor was a plan paid.</summary>
    public bool IsExhausted { get; set; }
    /// <summary>Of the balance that the phones were stopped at last.</summary>
    public long ExhaustedVersion { get; set; }
}

/// <summary>Nothing is left, but the phones go on until this row is due. A credit or a plan removes it.</summary>
public sealed class GracePeriod : DueRow
{
    public Guid UserId { get; init; }
    /// <summary>Of the balance that it began at.</summary>
    public long FromVersion { get; set; }
}

sealed class UserBalanceTable : IEntityTypeConfiguration<UserBalance>
{
    public void Configure(EntityTypeBuilder<UserBalance> builder)
    {
        builder.ToTable("user_balances").HasKey(b => b.UserId);
        builder.Property(b => b.UserId).ValueGeneratedNever();
    }
}

sealed class GracePeriodTable : IEntityTypeConfiguration<GracePeriod>
{
    public void Configure(EntityTypeBuilder<GracePeriod> builder)
    {
        builder.ToTable("grace_periods");
        builder.Property(g => g.Id).ValueGeneratedNever();
        builder.HasIndex(g => g.UserId).IsUnique();
        builder.HasIndex(g => g.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
    }
}
