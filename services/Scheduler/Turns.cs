using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler;

/// <summary>
/// Makes transactions wait for each other where what they check is in many rows: a limit, or a queue. On SQLite writers
/// take turns anyway.
/// </summary>
static class Turns
{
    /// <summary>Any constants: each is a lock of its own, and ends with the transaction.</summary>
    public const int Actions = 5_025_001;
    /// <summary>A user's own, or with 0 the queue: whoever has several nodes in hand takes that, too, and after the
    /// user's.</summary>
    public const int Reservations = 5_025_002;

    /// <param name="whose">Of this user's alone.</param>
    public static Task TakeTurnAsync(this SchedulerDb db, int what, Guid whose, CancellationToken ct) =>
        db.TakeTurnAsync(what, BitConverter.ToInt32(whose.ToByteArray(), 12), ct);

    public static Task TakeTurnAsync(this SchedulerDb db, int what, int part, CancellationToken ct) =>
        db.Database.IsNpgsql() ? db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({what}, {part})", ct)
            : Task.CompletedTask;
}
