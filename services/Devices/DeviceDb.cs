using CloudPhone.Devices.Balances;
using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Quotas;
using CloudPhone.Devices.Sharing;
using CloudPhone.Devices.Snapshots;
using CloudPhone.Devices.Suspensions;
using CloudPhone.Devices.Tunnels;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices;

sealed class DeviceDb(DbContextOptions<DeviceDb> options, ServiceDbContextParts parts) : ServiceDb(options, parts)
{
    /// <summary>Without those that are gone.</summary>
    public DbSet<Device> Devices => Set<Device>();
    public DbSet<DeviceHistoryEntry> History => Set<DeviceHistoryEntry>();
    public DbSet<Install> Installs => Set<Install>();
    public DbSet<AppSurvey> AppSurveys => Set<AppSurvey>();
    public DbSet<UsageReport> UsageReports => Set<UsageReport>();
    public DbSet<ExhaustedBalance> Balances => Set<ExhaustedBalance>();
    public DbSet<Share> Shares => Set<Share>();
    public DbSet<Suspension> Suspensions => Set<Suspension>();
    public DbSet<Tunnel> Tunnels => Set<Tunnel>();
    public DbSet<Operation> Operations => Set<Operation>();
    public DbSet<Snapshot> Snapshots => Set<Snapshot>();
    public DbSet<OperationItem> OperationItems => Set<OperationItem>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Device>(e =>
        {
            e.Property(d => d.Version).IsConcurrencyToken();
            e.HasQueryFilter(d => d.DeletedAt == null);
            e.Ignore(d => d.Look);
            e.Ignore(d => d.Spec);
            e.HasIndex(d => d.UserId);
            e.HasIndex(d => d.DueAt).HasFilter("due_at IS NOT NULL");
            e.HasIndex(d => d.Status);
        });
        modelBuilder.Entity<DeviceHistoryEntry>(e => e.ToTable("device_history").HasIndex(h => h.DeviceId));
        modelBuilder.Entity<Install>(e =>
        {
            e.HasIndex(i => new { i.DeviceId, i.AppId });
            e.HasIndex(i => i.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
        });
        modelBuilder.Entity<AppSurvey>(e =>
        {
            e.HasIndex(s => s.DeviceId);
            e.HasIndex(s => s.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
        });
        modelBuilder.Entity<ExhaustedBalance>(e =>
        {
            e.ToTable("exhausted_balances").HasKey(b => b.UserId);
            e.Property(b => b.UserId).ValueGeneratedNever();
        });
        modelBuilder.Entity<Share>(e =>
        {
            e.ToTable("device_shares").HasIndex(s => s.TokenHash).IsUnique();
            e.HasIndex(s => s.DeviceId);
        });
        modelBuilder.Entity<Suspension>(e =>
        {
            e.ToTable("suspensions").HasKey(s => s.UserId);
            e.Property(s => s.UserId).ValueGeneratedNever();
        });
        modelBuilder.Entity<Tunnel>(e =>
        {
            e.ToTable("adb_tunnels").HasIndex(t => t.Port).IsUnique().HasFilter("closed_at IS NULL");
            e.HasIndex(t => t.DeviceId);
        });
        modelBuilder.Entity<Snapshot>(e => e.HasIndex(s => s.UserId));
        modelBuilder.Entity<Operation>(e => e.HasIndex(o => o.UserId));
        modelBuilder.Entity<OperationItem>(e =>
        {
            e.HasIndex(i => i.OperationId);
            e.HasIndex(i => new { i.UserId, i.Status });
            e.HasIndex(i => i.SnapshotId).HasFilter("snapshot_id IS NOT NULL");
            e.HasIndex(i => i.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
        });
        modelBuilder.Entity<UsageReport>(e =>
            e.HasIndex(r => r.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL"));
    }
}
