using CloudPhone.Notifications.DeadLetters;
using CloudPhone.Notifications.Mail;
using CloudPhone.Notifications.People;
using CloudPhone.Notifications.Stored;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications;

public sealed class NotificationsDb(
    DbContextOptions<NotificationsDb> options, ServiceDbContextParts parts) : ServiceDb(options, parts)
{
    public DbSet<Notification> Notifications => Set<Notification>();
    public DbSet<OutgoingMail> Mails => Set<OutgoingMail>();
    public DbSet<Contact> Contacts => Set<Contact>();
    public DbSet<Preferences> Preferences => Set<Preferences>();
    public DbSet<ReportedDeadLetter> ReportedDeadLetters => Set<ReportedDeadLetter>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<Notification>(e =>
        {
            e.ToTable("notifications");
            e.Property(n => n.Id).ValueGeneratedNever();
            e.HasIndex(n => new { n.EventId, n.UserId }).IsUnique();
            e.HasIndex(n => new { n.UserId, n.Id });
            e.HasIndex(n => n.UserId, "ix_notifications_unread").HasFilter("read_at IS NULL");
            e.HasIndex(n => n.Id, "ix_notifications_unpushed").HasFilter("pushed_at IS NULL");
            e.HasIndex(n => n.CreatedAt);
        });
        modelBuilder.Entity<OutgoingMail>(e =>
        {
            e.ToTable("mails");
            e.Property(m => m.Id).ValueGeneratedNever();
            e.HasIndex(m => m.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
            e.HasIndex(m => m.CreatedAt);
        });
        modelBuilder.Entity<Contact>(e =>
        {
            e.ToTable("contacts").HasKey(c => c.UserId);
            e.Property(c => c.UserId).ValueGeneratedNever();
        });
        modelBuilder.Entity<Preferences>(e =>
        {
            e.ToTable("preferences").HasKey(p => p.UserId);
            e.Property(p => p.UserId).ValueGeneratedNever();
        });
        modelBuilder.Entity<ReportedDeadLetter>(e =>
        {
            e.ToTable("reported_dead_letters");
            e.Property(d => d.Id).ValueGeneratedNever();
            e.HasIndex(d => new { d.Service, d.Id });
        });
    }
}
