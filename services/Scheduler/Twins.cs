using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler;

static class Twins
{
    const int MaxTries = 5;

    /// <summary>
    /// Runs the work in a transaction, again where another change of the same thing came first, or two waited for each
    /// other: it then finds what that left.
    /// </summary>
    public static async Task<T> OnceMoreAfterTwinAsync<T>(this SchedulerDb db, Func<Task<T>> work, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await db.InTransactionAsync(work, ct);
            }
            catch (Exception e) when (
                tries < MaxTries && (e is DbUpdateConcurrencyException || DatabaseErrors.IsPassing(e)
                || (e is DbUpdateException update && DatabaseErrors.IsDuplicate(update))))
            {
                db.ChangeTracker.Clear();
            }
        }
    }
}
