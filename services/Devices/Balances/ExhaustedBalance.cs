using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Balances;

/// <summary>
/// Whether a user's balance is used up. There are rows for users of whom that was told and for those who paid something
/// in; the version of the account tells which of the two came last.
/// </summary>
sealed class ExhaustedBalance
{
    public Guid UserId { get; init; }
    public bool IsExhausted { get; set; }
    /// <summary>The account's own, at the exhaustion or credit that came last.</summary>
    public long BalanceVersion { get; set; }
}

static class ExhaustedBalances
{
    public static Task<bool> IsExhaustedAsync(this DeviceDb db, Guid userId, CancellationToken ct) =>
        db.Balances.AnyAsync(b => b.UserId == userId && b.IsExhausted, ct);

    public static ProblemHttpResult Problem() => Problems.Forbidden("balance-exhausted",
        "The balance is used up: no phone is created or started until there is a payment.");
}
