using CloudPhone.Shared.Work;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CloudPhone.Users.Quotas;

/// <summary>
/// The one row that <see cref="Reconciliation"/> is due by. The sidecar of every replica says when it is time; the
/// first to be heard makes the row due, and whoever holds it does the work.
/// </summary>
public sealed class ReconciliationTurn : DueRow
{
    public DateTimeOffset AskedAt { get; set; }

    /// <summary>What the sidecars say within so long is one and the same: their clocks differ a little.</summary>
    static readonly TimeSpan Same = TimeSpan.FromMinutes(5);

    /// <summary>The cron binding <c>reconcile-quotas</c> calls it.</summary>
    internal static async Task<Ok> Ask(UsersDb db, WorkSignals signals, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var before = now - Same;
        var asked = await db.InTransactionAsync(() => db.Set<ReconciliationTurn>()
            .Where(t => t.NextAttemptAt == null && t.AskedAt < before)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.NextAttemptAt, now).SetProperty(t => t.AskedAt, now)
                .SetProperty(t => t.Attempts, 0), ct), ct);
        if (asked > 0)
            signals.Of<ReconciliationTurn>().Wake();
        return TypedResults.Ok();
    }
}

sealed class ReconciliationTurnTable : IEntityTypeConfiguration<ReconciliationTurn>
{
    public void Configure(EntityTypeBuilder<ReconciliationTurn> builder)
    {
        builder.ToTable("reconciliation_turn").HasData(new ReconciliationTurn
        {
            Id = new("019a0000-0000-7000-8000-000000000011"), AskedAt = DateTimeOffset.UnixEpoch,
        });
        builder.Property(t => t.Id).ValueGeneratedNever();
    }
}

/// <summary>While the device service is away it tries again, at longer and longer intervals.</summary>
sealed class ReconciliationWorker(DueWorkerParts parts, ILogger<ReconciliationWorker> log)
    : DueWorker<UsersDb, ReconciliationTurn>(parts, log)
{
    protected override string What => "quota reconciliation";

    /// <summary>All phones are gone through, by the hundred.</summary>
    protected override TimeSpan Limit => TimeSpan.FromMinutes(10);

    protected override async Task<DateTimeOffset?> TryAsync(
        ReconciliationTurn row, IServiceProvider services, CancellationToken ct)
    {
        // of its own: what it mends is saved before the row in hand is put down
        await using var scope = services.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Reconciliation>().RunAsync(ct);
        return null;
    }
}
