using CloudPhone.Contracts;
using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Refunds;

/// <summary>The user service's ledger, as far as refunds need it. Both calls may be repeated.</summary>
sealed class Ledger([FromKeyedServices(AppIds.Users)] Sibling users)
{
    /// <summary>Takes the money from the user's balance, if there is so much.</summary>
    /// <returns><c>held</c>, or why not.</returns>
    /// <exception cref="SiblingUnavailableException">Try again later.</exception>
    public async Task<string> HoldAsync(Refund r, CancellationToken ct) =>
        (await users.PostAsync<HoldAnswer>(
            "/internal/ledger/hold", new { r.UserId, RefundId = r.Id, r.Amount, r.Currency }, $"refund-hold-{r.Id}", ct)
            ?? throw new SiblingUnavailableException(AppIds.Users, null)).Outcome;

    /// <summary>Gives it back.</summary>
    /// <exception cref="SiblingUnavailableException">Try again later.</exception>
    public async Task ReleaseAsync(Refund r, CancellationToken ct) =>
        _ = await users.PostAsync<object>(
            "/internal/ledger/release", new { RefundId = r.Id }, $"refund-release-{r.Id}", ct);

    sealed record HoldAnswer(string Outcome);
}
