using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPhone.Billing.Orders;

sealed class OrderTable : IEntityTypeConfiguration<Order>
{
    public void Configure(EntityTypeBuilder<Order> builder)
    {
        builder.ToTable("orders");
        builder.Property(o => o.Id).ValueGeneratedNever();
        builder.HasIndex(o => new { o.UserId, o.Id });
        builder.HasIndex(o => o.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
    }
}
