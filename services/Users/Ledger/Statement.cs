using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Ledger;

/// <param name="Version">Counts the entries of the account: none is missing.</param>
/// <param name="Reason"><c>payment</c>, <c>plan</c>, <c>plan-refunded</c>, <c>usage</c>, <c>usage-corrected</c> (what
/// was charged too high before), <c>refund</c>, <c>refund-released</c> or <c>adjustment</c>.</param>
/// <param name="CauseId">Of the payment, charge, refund or request.</param>
public sealed record StatementItem(
    Guid Id, long Version, decimal Amount, decimal BalanceAfter, string Reason, Guid CauseId, Guid? PaymentId,
    string? Note, DateTimeOffset CreatedAt)
{
    public static StatementItem Of(LedgerEntry e) => new(
        e.Id, e.Version, e.Amount, e.BalanceAfter,
        e is { Reason: Reasons.Usage, Amount: > 0 } ? Reasons.UsageCorrected : e.Reason, e.CauseId, e.PaymentId, e.Note,
        e.CreatedAt);
}

/// <summary>A user's entries, newest first.</summary>
static class Statement
{
    public static Task<Page<StatementItem>> GetMine(
        CurrentUser caller, PageRequest page, UsersDb db, CancellationToken ct) => ReadAsync(caller.Id, page, db, ct);

    public static async Task<Results<Ok<Page<StatementItem>>, ProblemHttpResult>> Get(
        Guid id, CurrentUser caller, PageRequest page, UsersDb db, CancellationToken ct) =>
        caller.MaySee(id) && await db.Users.AnyAsync(u => u.Id == id, ct)
            ? TypedResults.Ok(await ReadAsync(id, page, db, ct))
            : Problems.NotFound("user");

    /// <summary>By version: entries of one moment have no order by their ids.</summary>
    static async Task<Page<StatementItem>> ReadAsync(Guid userId, PageRequest page, UsersDb db, CancellationToken ct)
    {
        var entries = db.LedgerEntries.AsNoTracking().Where(e => e.UserId == userId);
        if (page.Before is { } before)
        {
            var version = await entries.Where(e => e.Id == before).Select(e => e.Version).SingleOrDefaultAsync(ct);
            entries = entries.Where(e => e.Version < version);
        }
        var items = await entries.OrderByDescending(e => e.Version).Take(page.Limit + 1).ToListAsync(ct);
        return items.ToPage(page).Select(StatementItem.Of);
    }
}
