using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPhone.Billing.Payments;

sealed class PaymentTable : IEntityTypeConfiguration<Payment>
{
    public void Configure(EntityTypeBuilder<Payment> builder)
    {
        builder.ToTable("payments");
        builder.Property(p => p.Id).ValueGeneratedNever();
        builder.HasIndex(p => p.OrderId);
        builder.HasIndex(p => p.Capture);
        builder.HasIndex(p => p.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
    }
}

sealed class ProviderEventTable : IEntityTypeConfiguration<ProviderEvent>
{
    public void Configure(EntityTypeBuilder<ProviderEvent> builder)
    {
        builder.ToTable("provider_events").HasKey(e => new { e.Provider, e.EventId });
        builder.HasIndex(e => e.PaymentId);
    }
}
