using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Ledger;

public sealed record HoldRequest(Guid UserId, Guid RefundId, decimal Amount, string Currency);

/// <param name="Outcome"><c>held</c>, <c>insufficient</c>, <c>unknown-user</c>, or <c>released</c> where it was
/// released before.</param>
public sealed record HoldAnswer(string Outcome);

public sealed record ReleaseRequest(Guid RefundId);

/// <param name="Outcome"><c>released</c>, or <c>not-held</c>.</param>
public sealed record ReleaseAnswer(string Outcome);

/// <summary>
/// Takes what is to be refunded off the balance before the money is given back, so that nobody spends it meanwhile, and
/// puts it back where the refund comes to nothing. Both can be repeated.
/// </summary>
static class Holds
{
    const string Released = "released";

    public static async Task<Results<Ok<HoldAnswer>, ProblemHttpResult>> Hold(
        HoldRequest request, LedgerBook book, CancellationToken ct)
    {
        if (Check(request) is { } wrong)
            return wrong;
        var hold = new Posting(request.UserId, -request.Amount, Reasons.Refund, request.RefundId, request.RefundId);
        var (outcome, entry) = await book.InTransactionAsync(() => book.PostAsync(hold, ct, mustBeCovered: true), ct);
        if (entry is not null && (entry.UserId, entry.Amount) != (hold.UserId, hold.Amount))
            return Problems.Conflict("other-refund", "This refund is held for another user or with another amount.");
        return TypedResults.Ok(new HoldAnswer(outcome switch
        {
            Posted.Now => "held",
            Posted.Before => await book.FindAsync(Reasons.RefundReleased, request.RefundId, ct) is null
                ? "held" : Released,
            Posted.Uncovered => "insufficient",
            _ => "unknown-user",
        }));
    }

    public static async Task<Ok<ReleaseAnswer>> Release(ReleaseRequest request, LedgerBook book, CancellationToken ct)
    {
        if (await book.FindAsync(Reasons.Refund, request.RefundId, ct) is not { } held)
            return TypedResults.Ok(new ReleaseAnswer("not-held"));
        await book.InTransactionAsync(() => book.PostAsync(new(
            held.UserId, -held.Amount, Reasons.RefundReleased, held.CauseId, held.PaymentId), ct), ct);
        return TypedResults.Ok(new ReleaseAnswer(Released));
    }

    static ProblemHttpResult? Check(HoldRequest request) => new FieldErrors()
        .Check(request.UserId != Guid.Empty, "userId", "userId is the id of a user.")
        .Check(request.RefundId != Guid.Empty, "refundId", "refundId is the id of a refund.")
        .Check(request.Amount > 0 && Money.IsExact(request.Amount), "amount",
            "amount is above 0, with at most 6 decimals.")
        .Check(request.Currency == Account.Cny, "currency", $"currency is {Account.Cny}.")
        .Problem;
}
