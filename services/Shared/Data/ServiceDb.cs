using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CloudPhone.Shared.Data;

/// <summary>
/// What every service's database has beside its own tables: outbox, inbox, dead letters and idempotency keys. They are
/// written in the transaction of the change that they belong to.
/// </summary>
public abstract class ServiceDb(DbContextOptions options, ServiceDbContextParts parts) : DbContext(options)
{
    /// <summary>Written by <see cref="Messaging.Outbox"/> only.</summary>
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();
    /// <summary>Which events were handled. Kept for 7 days: a double that comes later is handled again.</summary>
    public DbSet<InboxEntry> Inbox => Set<InboxEntry>();
    /// <summary>Read for the dead letter. Kept for 7 days.</summary>
    public DbSet<HandlerFailure> HandlerFailures => Set<HandlerFailure>();
    /// <summary>Never removed.</summary>
    public DbSet<DeadLetter> DeadLetters => Set<DeadLetter>();
    /// <summary>Kept for 24 hours.</summary>
    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();

    bool IsSqlite => Database.ProviderName!.EndsWith("Sqlite", StringComparison.Ordinal);

    /// <summary>
    /// Runs the work in one transaction that is committed when it returns. Within SQLite writers take turns, so that
    /// none waits on a locked file; the work therefore calls no other service.
    /// </summary>
    public async Task<T> InTransactionAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        if (Database.CurrentTransaction is not null)
            return await work();
        using var turn = await TakeTurnAsync(ct);
        try
        {
            var result = await Database.CreateExecutionStrategy().ExecuteAsync(async () =>
            {
                await using var transaction = await Database.BeginTransactionAsync(ct);
                _afterCommit.Clear(); // of a try before this one
                var r = await work();
                await transaction.CommitAsync(ct);
                return r;
            });
            Committed();
            return result;
        }
        finally
        {
            Forget(); // contexts are pooled: what was not committed is nothing to the next who has this one
        }
    }

    /// <inheritdoc cref="InTransactionAsync{T}"/>
    public Task InTransactionAsync(Func<Task> work, CancellationToken ct) =>
        InTransactionAsync(async () => { await work(); return true; }, ct);

    /// <summary>
    /// Counts <see cref="IVersioned.Version"/> up, and wakes the workers of new <see cref="IAwaited"/> rows once they
    /// are committed.
    /// </summary>
    /// <exception cref="DbUpdateConcurrencyException">Somebody else changed a row since it was read.</exception>
    public override async Task<int> SaveChangesAsync(
        bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        foreach (var entry in ChangeTracker.Entries<IVersioned>())
            if (entry.State == EntityState.Modified)
                entry.Entity.Version++;
        foreach (var entry in ChangeTracker.Entries<IAwaited>())
            if (entry.State == EntityState.Added)
                _awaited.Add(entry.Entity.GetType());
        if (Database.CurrentTransaction is not null)
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        using var turn = await TakeTurnAsync(cancellationToken);
        try
        {
            var count = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
            Committed();
            return count;
        }
        finally
        {
            Forget();
        }
    }

    /// <exception cref="NotSupportedException">Always.</exception>
    public override int SaveChanges(bool acceptAllChangesOnSuccess) =>
        throw new NotSupportedException("Use SaveChangesAsync: a blocked thread helps nobody.");

    readonly HashSet<Type> _awaited = [];

    /// <summary>Wakes the workers that wait for such rows once the transaction is committed, though it adds
    /// none.</summary>
    public void WakeAfterCommit<TRow>() where TRow : IAwaited => _awaited.Add(typeof(TRow));

    readonly List<Action> _afterCommit = [];

    /// <summary>Does that once the transaction is committed, and never if it is not: for what is to be said only of
    /// what has happened. It throws nothing.</summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);

    void Committed()
    {
        foreach (var row in _awaited)
            parts.Signals.Of(row).Wake();
        foreach (var action in _afterCommit)
            action();
    }

    void Forget()
    {
        _awaited.Clear();
        _afterCommit.Clear();
    }

    async Task<IDisposable?> TakeTurnAsync(CancellationToken ct) =>
        IsSqlite ? await parts.WriteTurn.TakeAsync(ct) : null;

    /// <summary>The tables of all services. A service calls it before it maps its own.</summary>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<OutboxMessage>(e =>
        {
            e.ToTable("outbox");
            e.HasIndex(m => m.NextAttemptAt).HasFilter("sent_at IS NULL");
            e.HasIndex(m => m.SentAt).HasFilter("confirmed_at IS NULL");
        });
        modelBuilder.Entity<InboxEntry>(e =>
        {
            e.ToTable("inbox").HasKey(i => i.EventId);
            e.HasIndex(i => i.HandledAt);
        });
        modelBuilder.Entity<HandlerFailure>().ToTable("handler_failures").HasKey(f => f.EventId);
        modelBuilder.Entity<DeadLetter>(e =>
        {
            e.ToTable("dead_letters");
            e.HasIndex(d => d.EventId).IsUnique();
        });
        modelBuilder.Entity<IdempotencyKey>(e =>
        {
            e.ToTable("idempotency_keys").HasKey(k => k.Scope);
            e.HasIndex(k => k.ExpiresAt);
        });
    }

    /// <summary>Decimals have 6 places, enums are stored by name, times are UTC, and text is bounded.</summary>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<decimal>().HavePrecision(18, 6);
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
        configurationBuilder.Conventions.Add(_ => new TextLengths());
        if (IsSqlite)
            configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        else
            configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcConverter>();
    }

    /// <summary>SQLite has no time type: as ticks, times compare and order.</summary>
    sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(
        t => t.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    /// <summary>Npgsql takes no other offset than zero.</summary>
    sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTimeOffset>(t => t.ToUniversalTime(), t => t);
}

/// <summary>
/// An entity with a counter of its changes: the concurrency check, and the version that its events carry.
/// </summary>
public interface IVersioned
{
    /// <summary>1 when it is new; every saved change adds one. Map it with <c>IsConcurrencyToken()</c>.</summary>
    long Version { get; set; }
}

/// <summary>What a <see cref="ServiceDb"/> needs from the process.</summary>
public sealed record ServiceDbContextParts(WorkSignals Signals, WriteTurn WriteTurn);

/// <summary>SQLite's one writer: taken before a transaction, given back after it.</summary>
public sealed class WriteTurn : IDisposable
{
    readonly SemaphoreSlim _gate = new(1);

    /// <summary>
    /// Waits until no other transaction of this process writes. Disposing the result gives the turn back.
    /// </summary>
    public async Task<IDisposable> TakeAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        return new Turn(_gate);
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
