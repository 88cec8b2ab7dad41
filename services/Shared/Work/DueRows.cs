using CloudPhone.Shared.Data;

namespace CloudPhone.Shared.Work;

/// <summary>Rows of work in the hands of who does not work on them.</summary>
public static class DueRows
{
    /// <summary>
    /// With the next save the row is due at <paramref name="at"/>, whoever has it in hand: his lease is over, so that
    /// he can't put down a later time that he settled on before.
    /// </summary>
    /// <param name="db">It tracks the row.</param>
    /// <param name="row">As it is tracked.</param>
    /// <param name="at">Null: nothing is left to do.</param>
    public static void PutDue(this ServiceDb db, DueRow row, DateTimeOffset? at)
    {
        (row.NextAttemptAt, row.LeaseId) = (at, null);
        // written even where they look unchanged: a worker may have taken the row since it was read
        db.Entry(row).Property(r => r.NextAttemptAt).IsModified = true;
        db.Entry(row).Property(r => r.LeaseId).IsModified = true;
    }
}
