using CloudPhone.Billing.Charging;
using CloudPhone.Billing.Rates;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Billing.Usage;

/// <param name="Day">Of UTC.</param>
/// <param name="IncludedSeconds">Those of the seconds that plans have paid for.</param>
public sealed record DailyUsageItem(
    DateOnly Day, Guid DeviceId, Guid UserId, long Seconds, long IncludedSeconds, decimal Amount, string Currency);

static class ListDailyUsage
{
    public static void MapDailyUsage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/billing/usage/daily", List).WithName("ListDailyUsage").WithTags("Billing")
            .WithSummary("What was charged by day of UTC and device, newest day first; both days included. "
                + "Users see their own, operators all.")
            .ProducesProblem(400);

    static async Task<Results<Ok<Page<DailyUsageItem>>, ProblemHttpResult>> List(
        PageRequest page, DateOnly? from, DateOnly? to, Guid? deviceId, Guid? userId, CurrentUser user, BillingDb db,
        CancellationToken ct)
    {
        if (from > to)
            return Problems.BadRequest("bad-request", "from is not after to.");
        var days = db.Set<DailyUsage>().Where(d => user.IsOperator || d.UserId == user.Id);
        if (from is not null)
            days = days.Where(d => d.Day >= from);
        if (to is not null)
            days = days.Where(d => d.Day <= to);
        if (deviceId is not null)
            days = days.Where(d => d.DeviceId == deviceId);
        if (userId is not null)
            days = days.Where(d => d.UserId == userId);
        return TypedResults.Ok((await days.ToPageAsync(page, ct)).Select(d => new DailyUsageItem(
            d.Day, d.DeviceId, d.UserId, d.Seconds, d.IncludedSeconds, d.Amount, Rate.First.Currency)));
    }
}
