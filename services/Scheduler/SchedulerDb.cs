using CloudPhone.Scheduler.Actions;
using CloudPhone.Scheduler.Nodes;
using CloudPhone.Scheduler.Placements;
using CloudPhone.Scheduler.Reservations;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler;

public sealed class SchedulerDb(
    DbContextOptions<SchedulerDb> options, ServiceDbContextParts parts) : ServiceDb(options, parts)
{
    public DbSet<Node> Nodes => Set<Node>();
    public DbSet<Placement> Placements => Set<Placement>();
    public DbSet<PlacementChange> PlacementHistory => Set<PlacementChange>();
    public DbSet<Reservation> Reservations => Set<Reservation>();
    public DbSet<Suspension> Suspensions => Set<Suspension>();
    public DbSet<TimedAction> Actions => Set<TimedAction>();
    public DbSet<ActionDevice> ActionDevices => Set<ActionDevice>();
    public DbSet<ActionRun> ActionRuns => Set<ActionRun>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Node>(e =>
        {
            e.Property(n => n.Version).IsConcurrencyToken();
            e.Property(n => n.Labels).HasDefaultValue("");
            e.Property(n => n.Preflight).HasDefaultValue("");
            e.HasIndex(n => n.Name).IsUnique();
            e.HasIndex(n => n.LastSeenAt).HasFilter("last_seen_at IS NOT NULL");
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
        modelBuilder.Entity<Reservation>(e =>
        {
            e.ToTable("reservations").HasIndex(r => r.UserId);
            e.HasIndex(r => r.QueuedAt).HasFilter("queued_at IS NOT NULL");
            e.HasIndex(r => r.DueAt).HasFilter("due_at IS NOT NULL");
        });
        modelBuilder.Entity<Suspension>().ToTable("suspensions").HasKey(s => s.UserId);
        modelBuilder.Entity<TimedAction>(e =>
        {
            e.ToTable("timed_actions").Property(a => a.Version).IsConcurrencyToken();
            e.HasIndex(a => a.UserId);
            e.HasIndex(a => a.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
        });
        modelBuilder.Entity<ActionDevice>(e =>
        {
            e.ToTable("timed_action_devices").HasKey(d => new { d.ActionId, d.DeviceId });
            e.HasIndex(d => d.DeviceId);
        });
        modelBuilder.Entity<ActionRun>(e =>
        {
            e.ToTable("timed_action_runs").HasIndex(r => new { r.ActionId, r.DueAt }).IsUnique();
            e.HasIndex(r => r.At);
        });
    }
}
