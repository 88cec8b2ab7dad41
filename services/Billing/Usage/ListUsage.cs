using CloudPhone.Billing.Metering;
using CloudPhone.Billing.Rates;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Billing.Usage;

/// <param name="StartedAt">Null while the phone has not booted for the first time.</param>
/// <param name="PausedSeconds">Time in error, which is not charged.</param>
/// <param name="Seconds">Metered, up to now while it runs.</param>
/// <param name="Amount">For these seconds without the included ones, to 6 places.</param>
/// <param name="IncludedSeconds">Charged seconds that plans have paid for.</param>
/// <param name="Charged">What of the amount was charged so far.</param>
/// <param name="ChargedUntil">Null: nothing yet.</param>
public sealed record UsageItem(
    Guid Id, Guid DeviceId, Guid UserId, DateTimeOffset? StartedAt, DateTimeOffset? StoppedAt, long PausedSeconds,
    long Seconds, decimal PricePerHour, decimal Amount, string Currency, UsageStatus Status, long IncludedSeconds,
    decimal Charged, DateTimeOffset? ChargedUntil);

static class ListUsage
{
    public static void MapUsageRecords(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/billing/usage", List).WithName("ListUsage").WithTags("Billing")
            .WithSummary("Usage records, newest first: one per run of a phone. Users see their own, operators all.");

    static async Task<Results<Ok<Page<UsageItem>>, ProblemHttpResult>> List(
        PageRequest page, Guid? deviceId, Guid? userId, string? status, CurrentUser user, BillingDb db,
        TimeProvider clock, CancellationToken ct)
    {
        var records = user.IsOperator ? db.Usage : db.Usage.Where(u => u.UserId == user.Id);
        if (deviceId is not null)
            records = records.Where(u => u.DeviceId == deviceId);
        if (userId is not null)
            records = records.Where(u => u.UserId == userId);
        if (status is not null)
        {
            if (!Enum.TryParse<UsageStatus>(status, ignoreCase: true, out var wanted) || !Enum.IsDefined(wanted))
                return Problems.BadRequest("bad-request", "status is open, paused or closed.");
            records = records.Where(u => u.Status == wanted);
        }
        var now = clock.GetUtcNow();
        return TypedResults.Ok((await records.ToPageAsync(page, ct)).Select(u => new UsageItem(
            u.Id, u.DeviceId, u.UserId, u.StartedAt, u.StoppedAt, u.PausedSeconds(now), u.Seconds(now),
            u.PricePerHour, u.Amount(now), Rate.First.Currency, u.Status, u.IncludedSeconds, u.ChargedAmount,
            u.ChargedUntil)));
    }
}
