using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Metering;
using CloudPhone.Billing.Orders;
using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Rates;
using CloudPhone.Billing.Refunds;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing;

public sealed class BillingDb(DbContextOptions<BillingDb> options, ServiceDbContextParts parts)
    : ServiceDb(options, parts)
{
    public DbSet<MeteredDevice> Devices => Set<MeteredDevice>();
    public DbSet<DeviceFact> Facts => Set<DeviceFact>();
    public DbSet<UsageRecord> Usage => Set<UsageRecord>();
    public DbSet<Rate> Rates => Set<Rate>();
    public DbSet<Plan> Plans => Set<Plan>();
    public DbSet<Subscription> Subscriptions => Set<Subscription>();
    public DbSet<Order> Orders => Set<Order>();
    public DbSet<Payment> Payments => Set<Payment>();
    public DbSet<ProviderEvent> ProviderEvents => Set<ProviderEvent>();
    public DbSet<Refund> Refunds => Set<Refund>();
    public DbSet<Invoice> Invoices => Set<Invoice>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(BillingDb).Assembly);
        modelBuilder.Entity<MeteredDevice>(e =>
        {
            e.ToTable("metered_devices").HasKey(d => d.DeviceId);
            e.Property(d => d.DeviceId).ValueGeneratedNever();
        });
        modelBuilder.Entity<DeviceFact>(e =>
        {
            e.ToTable("device_facts").HasKey(f => new { f.DeviceId, f.Version });
            e.HasIndex(f => new { f.DeviceId, f.Kind, f.Version });
        });
        modelBuilder.Entity<UsageRecord>(e =>
        {
            // each minute changes them: with room beside them their indexes need no change
            e.ToTable("usage_records").HasStorageParameter("fillfactor", 50);
            e.Property(u => u.Id).ValueGeneratedNever();
            e.HasIndex(u => new { u.DeviceId, u.FromVersion }).IsUnique();
            e.HasIndex(u => new { u.UserId, u.Id });
            e.HasIndex(u => new { u.DeviceId, u.Id });
            e.HasIndex(u => u.UserId, "ix_usage_records_to_charge").HasFilter(UsageRecord.ToCharge);
        });
        modelBuilder.Entity<Rate>(e =>
        {
            e.ToTable("rates").HasData(Rate.First);
            e.Property(r => r.Id).ValueGeneratedNever();
            e.HasIndex(r => r.ValidFrom).IsUnique();
        });
    }
}
