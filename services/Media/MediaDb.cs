using CloudPhone.Media.Recordings;
using CloudPhone.Media.Sessions;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Media;

public sealed class MediaDb(DbContextOptions<MediaDb> options, ServiceDbContextParts parts) : ServiceDb(options, parts)
{
    public DbSet<StreamSession> Sessions => Set<StreamSession>();

    public DbSet<Recording> Recordings => Set<Recording>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<StreamSession>(e =>
        {
            e.ToTable("sessions");
            e.HasIndex(s => s.UserId);
            e.HasIndex(s => s.SeenAt).HasFilter("ended_at IS NULL");
        });
        modelBuilder.Entity<Recording>(e =>
        {
            e.ToTable("recordings");
            e.HasIndex(r => r.UserId);
            e.HasIndex(r => r.EndedAt);
        });
    }
}
