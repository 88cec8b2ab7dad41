using CloudPhone.Billing.Balances;
using CloudPhone.Billing.Charging;
using CloudPhone.Billing.Metering;
using CloudPhone.Billing.Plans;
using CloudPhone.Billing.Rates;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Usage;

/// <param name="PerHour">0 while it is paused.</param>
/// <param name="Amount">Of this run so far, without what plans have paid for.</param>
public sealed record RunningPhone(
    Guid UsageId, Guid DeviceId, DateTimeOffset StartedAt, UsageStatus Status, long Seconds, decimal PerHour,
    decimal Amount);

/// <param name="Items">A page of the phones that run or are paused; the figures are of all.</param>
/// <param name="Uncharged">Of phones that run or have stopped just now, until the next charge.</param>
/// <param name="Balance">Before it.</param>
/// <param name="IncludedSecondsLeft">Of the plan, shared by all phones.</param>
/// <param name="EstimatedHoursLeft">Until balance and included hours are used up, if all goes on like this; null:
/// nothing runs, or what runs costs nothing.</param>
public sealed record RunningCost(
    IReadOnlyList<RunningPhone> Items, string? NextCursor, decimal PerHour, decimal PerDay, decimal Uncharged,
    decimal Balance, long IncludedSecondsLeft, decimal? EstimatedHoursLeft, string Currency);

static class RunningCostRoute
{
    public static void MapRunningCost(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/billing/running", Get).WithName("GetRunningCost").WithTags("Billing")
            .WithSummary("What the caller's phones cost at this moment; operators may ask for another user's.")
            .ProducesProblem(404);

    static async Task<Results<Ok<RunningCost>, ProblemHttpResult>> Get(
        PageRequest page, Guid? userId, CurrentUser user, BillingDb db, TimeProvider clock, CancellationToken ct)
    {
        var owner = userId ?? user.Id;
        if (!user.MaySee(owner))
            return Problems.NotFound("user");
        var now = clock.GetUtcNow();
        var phones = await db.Usage
            .Where(u => u.UserId == owner && u.StartedAt != null && u.Status != UsageStatus.Closed)
            .ToPageAsync(page, ct);
        // a user has as many as the quota allows
        var due = await ChargeRows.Due(db.Usage).Where(u => u.UserId == owner).AsNoTracking().ToListAsync(ct);
        var subscriptions = await db.Subscriptions.AsNoTracking()
            .Where(s => s.UserId == owner && s.Until > now.AddDays(-1)).ToListAsync(ct);
        var running = due.FindAll(u => u is { Status: UsageStatus.Open, StartedAt: not null });
        var perHour = running.Sum(u => u.PricePerHour);
        var uncharged = Uncharged(due, subscriptions, now);
        var included = subscriptions.Where(s => s.From <= now && now < s.Until)
            .Sum(s => Math.Max(0, s.IncludedSeconds - s.UsedSeconds));
        var balance = await db.Set<UserBalance>().Where(b => b.UserId == owner).Select(b => b.Balance)
            .SingleOrDefaultAsync(ct);
        decimal? hours = perHour <= 0 ? null : decimal.Round(
            Math.Max(0, balance - uncharged) / perHour + included / 3600m / running.Count, 2);
        return TypedResults.Ok(new RunningCost(
            [.. phones.Items.Select(u => Phone(u, now))], phones.NextCursor, perHour, perHour * 24, uncharged, balance,
            included, hours, Rate.First.Currency));
    }

    /// <summary>What the next step would charge; nothing of it is saved.</summary>
    static decimal Uncharged(
        IReadOnlyCollection<UsageRecord> due, IReadOnlyCollection<Subscription> subscriptions, DateTimeOffset now)
    {
        for (decimal sum = 0; ;)
        {
            var charges = Charge.Of(due, subscriptions, now);
            Charge.Apply(charges);
            sum += charges.Sum(c => c.Amount);
            if (charges.TrueForAll(c => c.IsLast))
                return sum;
        }
    }

    static RunningPhone Phone(UsageRecord u, DateTimeOffset now) => new(
        u.Id, u.DeviceId, u.StartedAt!.Value, u.Status, u.Seconds(now),
        u.Status == UsageStatus.Open ? u.PricePerHour : 0, u.Amount(now));
}
