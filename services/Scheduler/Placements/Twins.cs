using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Placements;

static class Twins
{
    const int MaxTries = 5;

    /// <summary>
    /// Runs the work in a transaction, again where another change of the same placement came first: it then finds
    /// what that left.
    /// </summary>
    public static async Task<T> OnceMoreAfterTwinAsync<T>(this SchedulerDb db, Func<Task<T>> work, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await db.InTransactionAsync(work, ct);
            }
            catch (DbUpdateException e) when (
                tries < MaxTries && (e is DbUpdateConcurrencyException || DatabaseErrors.IsDuplicate(e)))
            {
                db.ChangeTracker.Clear();
            }
        }
    }
}
