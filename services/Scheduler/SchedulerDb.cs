using CloudPhone.Scheduler.Nodes;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler;

public sealed class SchedulerDb(
    DbContextOptions<SchedulerDb> options, ServiceDbContextParts parts) : ServiceDb(options, parts)
{
    public DbSet<Node> Nodes => Set<Node>();
    public DbSet<Placement> Placements => Set<Placement>();
    public DbSet<PlacementChange> PlacementHistory => Set<PlacementChange>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Node>(e =>
        {
            e.Property(n => n.Version).IsConcurrencyToken();
            e.HasIndex(n => n.Name).IsUnique();
        });
        modelBuilder.Entity<Placement>(e =>
        {
            e.Property(p => p.Version).IsConcurrencyToken();
            e.HasIndex(p => p.DeviceId).IsUnique();
            e.HasIndex(p => p.NodeId);
            e.HasIndex(p => p.ExpiresAt).HasFilter("expires_at IS NOT NULL");
        });
        modelBuilder.Entity<PlacementChange>(e =>
        {
            e.ToTable("placement_history");
            e.HasIndex(h => h.DeviceId);
            e.HasIndex(h => h.NodeId);
        });
    }
}
