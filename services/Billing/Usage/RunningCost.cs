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

/// <param name="PerHour">Its price, whoever pays it; 0 while it is paused.</param>
/// <param name="Amount">Of this run up to now, without what plans pay for.</param>
/// <param name="IncludedSeconds">Those of its seconds up to now that plans pay for.</param>
public sealed record RunningPhone(
    Guid UsageId, Guid DeviceId, DateTimeOffset StartedAt, UsageStatus Status, long Seconds, decimal PerHour,
    decimal Amount, long IncludedSeconds);

/// <param name="Items">A page of the phones that run or are paused; the figures are of all.</param>
/// <param name="PerHour">The price of all that runs, whoever pays it.</param>
/// <param name="PerHourFromBalance">What of it the balance pays now: nothing while a plan has hours left.</param>
/// <param name="Uncharged">Of phones that run or have stopped just now, until the next charge.</param>
/// <param name="Balance">Before it.</param>
/// <param name="IncludedSecondsLeft">Of the plan, shared by all phones.</param>
/// <param name="IncludedUntil">From then on the balance pays, if all goes on like this; null: it pays now, or nothing
/// runs.</param>
/// <param name="EstimatedHoursLeft">Until balance and included hours are used up, if all goes on like this; null:
/// nothing runs, or what runs costs nothing.</param>
public sealed record RunningCost(
    IReadOnlyList<RunningPhone> Items, string? NextCursor, decimal PerHour, decimal PerDay, decimal Uncharged,
    decimal Balance, long IncludedSecondsLeft, decimal? EstimatedHoursLeft, string Currency,
    decimal PerHourFromBalance, DateTimeOffset? IncludedUntil);

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
        var uncharged = Uncharged(due, subscriptions, now);
        var outlook = new Outlook(
            due.FindAll(u => u is { Status: UsageStatus.Open, StartedAt: not null }), subscriptions, now);
        var balance = await db.Set<UserBalance>().Where(b => b.UserId == owner).Select(b => b.Balance)
            .SingleOrDefaultAsync(ct);
        var charged = due.ToDictionary(u => u.Id);
        return TypedResults.Ok(new RunningCost(
            [.. phones.Items.Select(u => Phone(charged.GetValueOrDefault(u.Id) ?? u, now))], phones.NextCursor,
            outlook.PerHour, outlook.PerHour * 24, uncharged, balance, outlook.IncludedSecondsLeft,
            outlook.HoursLeft(balance - uncharged), Rate.First.Currency, outlook.PerHourFromBalance,
            outlook.IncludedUntil));
    }

    /// <summary>What the next step would charge; records and subscriptions are as after it, but nothing is
    /// saved.</summary>
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
        u.Status == UsageStatus.Open ? u.PricePerHour : 0, u.Amount(now), u.IncludedSeconds);
}
