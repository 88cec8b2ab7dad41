using CloudPhone.Shared.Data;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.ApiKeys;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Emails;
using CloudPhone.Users.Ledger;
using CloudPhone.Users.Quotas;
using CloudPhone.Users.Resets;
using CloudPhone.Users.Sessions;
using CloudPhone.Users.TwoFactor;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users;

public sealed class UsersDb(DbContextOptions<UsersDb> options, ServiceDbContextParts parts) : ServiceDb(options, parts)
{
    public DbSet<User> Users => Set<User>();
    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<LedgerEntry> LedgerEntries => Set<LedgerEntry>();
    public DbSet<Session> Sessions => Set<Session>();
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();
    public DbSet<LoginAttempts> LoginAttempts => Set<LoginAttempts>();
    public DbSet<FailedLogin> FailedLogins => Set<FailedLogin>();
    public DbSet<PasswordReset> PasswordResets => Set<PasswordReset>();
    public DbSet<EmailChange> EmailChanges => Set<EmailChange>();
    public DbSet<Authenticator> Authenticators => Set<Authenticator>();
    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<Quota> Quotas => Set<Quota>();
    public DbSet<PlanTerm> PlanTerms => Set<PlanTerm>();
    public DbSet<TopUpTerm> TopUpTerms => Set<TopUpTerm>();
    public DbSet<QuotaHolding> QuotaHoldings => Set<QuotaHolding>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        modelBuilder.Entity<User>(e =>
        {
            e.Property(u => u.Version).IsConcurrencyToken();
            e.HasIndex(u => u.NormalizedUsername).IsUnique();
            e.HasIndex(u => u.NormalizedEmail).IsUnique();
            e.HasIndex(u => u.SuspendedAt).HasFilter("suspended_at IS NOT NULL");
            e.HasIndex(u => u.ReinstatedAt).HasFilter("reinstated_at IS NOT NULL");
            e.HasOne<Account>().WithOne().HasForeignKey<Account>(a => a.UserId);
            e.HasOne<Quota>().WithOne().HasForeignKey<Quota>(q => q.UserId);
        });
        modelBuilder.Entity<Account>(e =>
        {
            e.HasKey(a => a.UserId);
            e.Property(a => a.Balance).HasPrecision(20, Money.Places);
        });
        modelBuilder.Entity<LedgerEntry>(e =>
        {
            e.Property(l => l.Id).ValueGeneratedNever();
            e.Property(l => l.Amount).HasPrecision(20, Money.Places);
            e.Property(l => l.BalanceAfter).HasPrecision(20, Money.Places);
            e.HasOne<Account>().WithMany().HasForeignKey(l => l.UserId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(l => new { l.UserId, l.Version }).IsUnique();
            e.HasIndex(l => new { l.Reason, l.CauseId }).IsUnique();
        });
        modelBuilder.Entity<Session>(e =>
        {
            e.HasOne<User>().WithMany().HasForeignKey(s => s.UserId);
            e.HasIndex(s => s.ExpiresAt);
            e.HasIndex(s => s.RevokedAt).HasFilter("revoked_at IS NOT NULL");
        });
        modelBuilder.Entity<RefreshToken>(e =>
        {
            e.HasKey(t => t.Hash);
            e.HasOne<Session>().WithMany().HasForeignKey(t => t.SessionId);
            e.HasIndex(t => t.ExpiresAt);
        });
        modelBuilder.Entity<LoginAttempts>(e =>
        {
            e.HasKey(a => a.Target);
            e.HasIndex(a => a.LastAt);
        });
        modelBuilder.Entity<FailedLogin>(e =>
        {
            e.Property(f => f.Id).ValueGeneratedNever();
            e.HasIndex(f => f.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
            e.HasIndex(f => f.At);
        });
        modelBuilder.Entity<PasswordReset>(e =>
        {
            e.Property(r => r.Id).ValueGeneratedNever();
            e.HasIndex(r => r.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
            e.HasIndex(r => r.UserId).HasFilter("user_id IS NOT NULL");
            e.HasIndex(r => r.RequestedAt);
        });
        modelBuilder.Entity<EmailChange>(e =>
        {
            e.Property(c => c.Id).ValueGeneratedNever();
            e.HasOne<User>().WithMany().HasForeignKey(c => c.UserId);
            e.HasIndex(c => c.NextAttemptAt).HasFilter("next_attempt_at IS NOT NULL");
            e.HasIndex(c => c.RequestedAt);
        });
        modelBuilder.Entity<Authenticator>(e =>
        {
            e.HasKey(a => a.UserId);
            e.HasOne<User>().WithOne().HasForeignKey<Authenticator>(a => a.UserId);
        });
        modelBuilder.Entity<RecoveryCode>(e =>
        {
            e.HasKey(c => new { c.UserId, c.Hash });
            e.HasOne<User>().WithMany().HasForeignKey(c => c.UserId);
        });
        modelBuilder.Entity<ApiKey>(e =>
        {
            e.HasOne<User>().WithMany().HasForeignKey(k => k.UserId);
            e.HasIndex(k => k.Hash).IsUnique();
            e.HasIndex(k => new { k.UserId, k.Id });
            e.HasIndex(k => k.RevokedAt).HasFilter("revoked_at IS NOT NULL");
        });
        modelBuilder.Entity<AuditEntry>(e =>
        {
            e.Property(a => a.Id).ValueGeneratedNever();
            e.HasOne<User>().WithMany().HasForeignKey(a => a.UserId);
            e.HasIndex(a => new { a.UserId, a.Id });
            e.HasIndex(a => a.At);
        });
        modelBuilder.Entity<Quota>(e =>
        {
            e.HasKey(q => q.UserId);
            e.Property(q => q.Version).IsConcurrencyToken();
            e.HasIndex(q => q.ChangesAt).HasFilter("changes_at IS NOT NULL");
        });
        modelBuilder.Entity<PlanTerm>(e =>
        {
            e.HasKey(t => t.PaymentId);
            e.HasOne<User>().WithMany().HasForeignKey(t => t.UserId);
        });
        modelBuilder.Entity<TopUpTerm>(e =>
        {
            e.HasKey(t => t.PaymentId);
            e.HasOne<User>().WithMany().HasForeignKey(t => t.UserId);
        });
        modelBuilder.Entity<QuotaHolding>(e =>
        {
            e.HasKey(h => h.DeviceId);
            e.HasIndex(h => new { h.UserId, h.State });
            e.HasIndex(h => new { h.State, h.ExpiresAt });
        });
        modelBuilder.ApplyConfiguration(new ReconciliationTurnTable());
    }
}
