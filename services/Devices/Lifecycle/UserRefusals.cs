using CloudPhone.Devices.Balances;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Lifecycle;

/// <summary>Why a user's phones are neither created nor started.</summary>
static class UserRefusals
{
    /// <returns>The problem that says it; null: they are.</returns>
    public static async Task<ProblemHttpResult?> RefusalAsync(this DeviceDb db, Guid userId, CancellationToken ct) =>
        await db.StopReasonAsync(userId, ct) switch
        {
            StopReasons.Suspended => Problems.Forbidden(
                "user-suspended", "The user is suspended: no phone is created or started."),
            StopReasons.Balance => ExhaustedBalances.Problem(),
            _ => null,
        };

    /// <returns>Why a phone of the user's that comes up is stopped; null: it is not.</returns>
    public static async Task<string?> StopReasonAsync(this DeviceDb db, Guid userId, CancellationToken ct) =>
        await db.Suspensions.AnyAsync(s => s.UserId == userId && s.IsSuspended, ct) ? StopReasons.Suspended
        : await db.IsExhaustedAsync(userId, ct) ? StopReasons.Balance
        : null;
}
