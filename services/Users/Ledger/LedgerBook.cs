using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Accounts;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Ledger;

/// <summary>An entry to be.</summary>
sealed record Posting(
    Guid UserId, decimal Amount, string Reason, Guid CauseId, Guid? PaymentId = null, string? Note = null);

enum Posted
{
    Now,

    /// <summary>This cause has its entry already.</summary>
    Before,

    /// <summary>The balance does not cover it.</summary>
    Uncovered,

    UnknownUser,
}

/// <summary>
/// Writes entries. The balance changes by one conditional statement, whose lock on the account lets the entries of one
/// user take turns; entry and event go into the same transaction.
/// </summary>
sealed class LedgerBook(UsersDb db, Outbox outbox, TimeProvider clock)
{
    /// <summary>For what is no handler of an event: those are in a transaction already.</summary>
    public async Task<T> InTransactionAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await db.InTransactionAsync(async () =>
                {
                    var result = await work();
                    await db.SaveChangesAsync(ct);
                    return result;
                }, ct);
            }
            catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
            {
                db.ChangeTracker.Clear(); // the same cause at the same time: now its entry is there
            }
        }
    }

    /// <summary>
    /// Within a transaction. Of two at the same time for the same cause, the later one fails on the unique index when
    /// it is saved, and finds the entry when it is repeated.
    /// </summary>
    /// <param name="mustBeCovered">The balance may not fall below zero by it.</param>
    /// <returns>The entry of this cause, where there is one.</returns>
    public async Task<(Posted Outcome, LedgerEntry? Entry)> PostAsync(
        Posting p, CancellationToken ct, bool mustBeCovered = false)
    {
        var account = db.Accounts.Where(a => a.UserId == p.UserId
            && !db.LedgerEntries.Any(e => e.Reason == p.Reason && e.CauseId == p.CauseId));
        if (mustBeCovered)
            account = account.Where(a => a.Balance + p.Amount >= 0);
        var changed = await account.ExecuteUpdateAsync(s => s
            .SetProperty(a => a.Balance, a => a.Balance + p.Amount)
            .SetProperty(a => a.Version, a => a.Version + 1), ct);
        if (changed == 0)
            return await WhyNotAsync(p, ct);
        var after = await db.Accounts.Where(a => a.UserId == p.UserId)
            .Select(a => new { a.Balance, a.Version }).SingleAsync(ct);
        var now = clock.GetUtcNow();
        var entry = new LedgerEntry
        {
            Id = Guid.CreateVersion7(now), UserId = p.UserId, Version = after.Version, Amount = p.Amount,
            BalanceAfter = after.Balance, Reason = p.Reason, CauseId = p.CauseId, PaymentId = p.PaymentId,
            Note = p.Note, CreatedAt = now,
        };
        db.Add(entry);
        outbox.Add(new UserBalanceUpdated(
            p.UserId, after.Balance, p.Amount, Account.Cny, p.Reason, now, after.Version, p.PaymentId));
        return (Posted.Now, entry);
    }

    public Task<LedgerEntry?> FindAsync(string reason, Guid causeId, CancellationToken ct) =>
        db.LedgerEntries.AsNoTracking().SingleOrDefaultAsync(e => e.Reason == reason && e.CauseId == causeId, ct);

    async Task<(Posted, LedgerEntry?)> WhyNotAsync(Posting p, CancellationToken ct)
    {
        if (await FindAsync(p.Reason, p.CauseId, ct) is { } entry)
            return (Posted.Before, entry);
        var isKnown = await db.Accounts.AnyAsync(a => a.UserId == p.UserId, ct);
        return (isKnown ? Posted.Uncovered : Posted.UnknownUser, null);
    }
}
