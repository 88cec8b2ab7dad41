using System.Globalization;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Ledger;

/// <param name="Amount">CNY; negative takes it away.</param>
/// <param name="Note">Why; the user reads it in the statement.</param>
public sealed record AdjustmentRequest(decimal Amount, string Note);

/// <summary>An admin puts a balance right.</summary>
static class Adjust
{
    const decimal MaxAmount = 1_000_000;

    public static async Task<Results<Created<StatementItem>, ProblemHttpResult>> Handle(
        Guid id, AdjustmentRequest request, LedgerBook book, Audit audit, ResourceIds ids, CancellationToken ct)
    {
        if (Check(request) is { } wrong)
            return wrong;
        var posting = new Posting(
            id, request.Amount, Reasons.Adjustment, CauseId: ids.New(), Note: request.Note.Trim());
        var (outcome, entry) = await book.InTransactionAsync(async () =>
        {
            var posted = await book.PostAsync(posting, ct);
            if (posted.Outcome == Posted.Now)
                audit.Add(id, Acts.BalanceAdjusted, string.Create(
                    CultureInfo.InvariantCulture, $"{posting.Amount:0.00####} {Account.Cny}: {posting.Note}"));
            return posted;
        }, ct);
        return outcome == Posted.UnknownUser ? Problems.NotFound("user")
            : TypedResults.Created($"/api/users/{id}/statement", StatementItem.Of(entry!));
    }

    static ProblemHttpResult? Check(AdjustmentRequest request) => new FieldErrors()
        .Check(request.Amount != 0 && Math.Abs(request.Amount) <= MaxAmount && Money.IsExact(request.Amount),
            "amount", "amount is -1000000 to 1000000, not 0, with at most 6 decimals.")
        .Check(request.Note.Trim() is { Length: > 0 and <= LedgerEntry.MaxNote } note && !note.Any(char.IsControl),
            "note", "note is a line of 1 to 200 characters.")
        .Problem;
}
