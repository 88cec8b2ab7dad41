using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPhone.Billing.Invoices;

sealed class InvoiceTable : IEntityTypeConfiguration<Invoice>
{
    public void Configure(EntityTypeBuilder<Invoice> builder)
    {
        builder.ToTable("invoices");
        builder.Property(i => i.Id).ValueGeneratedNever();
        builder.HasIndex(i => i.Number).IsUnique();
        builder.HasIndex(i => i.PaymentId).IsUnique().HasFilter("refund_id IS NULL");
        builder.HasIndex(i => new { i.RefundId, i.Kind }).IsUnique();
        builder.HasIndex(i => i.CorrectsId).HasFilter("corrects_id IS NOT NULL");
        builder.HasIndex(i => new { i.UserId, i.Id });
        builder.HasIndex(i => i.Day);
    }
}

sealed class InvoiceMonthTable : IEntityTypeConfiguration<InvoiceMonth>
{
    public void Configure(EntityTypeBuilder<InvoiceMonth> builder) =>
        builder.ToTable("invoice_months").HasKey(m => m.Month);
}
