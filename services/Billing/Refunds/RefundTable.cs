using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPhone.Billing.Refunds;

sealed class RefundTable : IEntityTypeConfiguration<Refund>
{
    public void Configure(EntityTypeBuilder<Refund> builder)
    {
        builder.ToTable("refunds");
        builder.Property(r => r.Id).ValueGeneratedNever();
        builder.HasIndex(r => r.OrderId);
        builder.HasIndex(r => r.Reference).IsUnique();
        builder.HasIndex(r => r.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
    }
}
