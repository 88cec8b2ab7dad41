using CloudPhone.Apps.Catalogue;
using CloudPhone.Apps.Installs;
using CloudPhone.Apps.Review;
using CloudPhone.Apps.Storage;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps;

public sealed class AppDb(DbContextOptions<AppDb> options, ServiceDbContextParts parts) : ServiceDb(options, parts)
{
    public DbSet<App> Apps => Set<App>();
    public DbSet<AppVersion> Versions => Set<AppVersion>();
    public DbSet<ReviewEntry> Reviews => Set<ReviewEntry>();
    public DbSet<StoredFile> Files => Set<StoredFile>();
    public DbSet<Install> Installs => Set<Install>();
    public DbSet<DeletedDevice> DeletedDevices => Set<DeletedDevice>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<App>(e =>
        {
            e.Property(a => a.Version).IsConcurrencyToken();
            e.HasIndex(a => a.PackageName).IsUnique().HasFilter("deleted_at IS NULL");
        });
        modelBuilder.Entity<AppVersion>(e =>
        {
            e.HasOne<App>().WithMany().HasForeignKey(v => v.AppId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(v => new { v.AppId, v.VersionCode }).IsUnique();
            e.HasIndex(v => v.Id, "ix_versions_waiting").HasFilter("status = 'PendingReview'");
            e.HasOne<StoredFile>().WithOne().HasForeignKey<AppVersion>(v => v.FileId).OnDelete(DeleteBehavior.SetNull);
        });
        modelBuilder.Entity<ReviewEntry>(e =>
        {
            e.HasOne<AppVersion>().WithMany().HasForeignKey(r => r.VersionId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(r => r.AppId);
        });
        modelBuilder.Entity<StoredFile>(e => e.HasIndex(f => f.CreatedAt).HasFilter("status <> 'Kept'"));
        modelBuilder.Entity<Install>(e =>
        {
            // one pre-install of an app on a phone, however often the phone is announced
            e.HasIndex(i => new { i.DeviceId, i.AppId }, "ix_installs_preinstall").IsUnique()
                .HasFilter("is_preinstall");
            e.HasIndex(i => i.DeviceId);
            e.HasIndex(i => i.UserId);
            e.HasIndex(i => i.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
        });
        modelBuilder.Entity<DeletedDevice>().HasKey(d => d.DeviceId);
    }
}
