using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Shared.Data;

/// <summary>
/// Makes transactions wait for each other where what they check is in many rows: a limit, or a queue.
/// </summary>
public static class TransactionTurns
{
    /// <summary>Waits for its turn, which ends with the transaction. On SQLite writers take turns anyway.</summary>
    /// <param name="what">Any constant of the service: each is a lock of its own.</param>
    /// <param name="whose">Of this user's, or this phone's, alone.</param>
    public static Task TakeTurnAsync(this ServiceDb db, int what, Guid whose, CancellationToken ct) =>
        db.TakeTurnAsync(what, BitConverter.ToInt32(whose.ToByteArray(), 12), ct);

    /// <param name="part">Of <paramref name="what"/>.</param>
    /// <inheritdoc cref="TakeTurnAsync(ServiceDb, int, Guid, CancellationToken)"/>
    public static Task TakeTurnAsync(this ServiceDb db, int what, int part, CancellationToken ct) =>
        db.Database.IsNpgsql() ? db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({what}, {part})", ct)
            : Task.CompletedTask;
}
