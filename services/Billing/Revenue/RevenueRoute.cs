using CloudPhone.Billing.Charging;
using CloudPhone.Billing.Invoices;
using CloudPhone.Billing.Payments;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Revenue;

/// <param name="Day">Of UTC.</param>
/// <param name="Payments">What came in, by the invoices.</param>
/// <param name="Refunds">What went back, by the credit notes, less what came back by their reversals.</param>
/// <param name="Net">Payments less refunds.</param>
/// <param name="Charged">Use of phones that balances have paid for.</param>
public sealed record RevenueDay(
    DateOnly Day, decimal Payments, int PaymentCount, decimal Refunds, int RefundCount, decimal Net, decimal Charged);

/// <param name="Items">Each day of the range, newest first.</param>
public sealed record RevenueAnswer(
    DateOnly From, DateOnly To, decimal Payments, decimal Refunds, decimal Net, decimal Charged, string Currency,
    IReadOnlyList<RevenueDay> Items);

static class RevenueRoute
{
    const int MaxDays = 92;
    const int UsualDays = 30;

    public static void MapRevenue(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/billing/revenue", Get).WithName("GetRevenue").WithTags("Billing")
            .WithSummary("What was paid, paid back and charged by day of UTC, both days included: the last "
                + $"{UsualDays} unless given, {MaxDays} at most. For operators.")
            .RequireAuthorization(Policies.Operator).ProducesProblem(400).ProducesProblem(403);

    static async Task<Results<Ok<RevenueAnswer>, ProblemHttpResult>> Get(
        DateOnly? from, DateOnly? to, BillingDb db, TimeProvider clock, CancellationToken ct)
    {
        var last = to ?? DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var first = from ?? DateOnly.FromDayNumber(Math.Max(0, last.DayNumber - UsualDays + 1));
        if (first > last || last.DayNumber - first.DayNumber >= MaxDays)
            return Problems.BadRequest(
                "bad-request", $"from is not after to, and they are {MaxDays} days at most, both included.");
        var days = await DaysAsync(db, first, last, ct);
        return TypedResults.Ok(new RevenueAnswer(
            first, last, days.Sum(d => d.Payments), days.Sum(d => d.Refunds), days.Sum(d => d.Net),
            days.Sum(d => d.Charged), Money.Currency, days));
    }

    /// <summary>The database adds up: a sum for each day comes over, however many rows there are.</summary>
    static async Task<List<RevenueDay>> DaysAsync(BillingDb db, DateOnly first, DateOnly last, CancellationToken ct)
    {
        var invoiced = (await db.Invoices.Where(i => i.Day >= first && i.Day <= last)
            .GroupBy(i => new { i.Day, i.Kind })
            .Select(g => new { g.Key.Day, g.Key.Kind, Amount = g.Sum(i => i.Amount), Count = g.Count() })
            .ToListAsync(ct)).ToLookup(i => (i.Day, i.Kind));
        var (begin, end) = (DailyUsage.FirstIdOf(first.DayNumber), DailyUsage.FirstIdOf(last.DayNumber + 1));
        var charged = await db.Set<DailyUsage>().Where(d => d.Id >= begin && d.Id < end)
            .GroupBy(d => d.Day).Select(g => new { Day = g.Key, Amount = g.Sum(d => d.Amount) })
            .ToDictionaryAsync(d => d.Day, d => d.Amount, ct);
        var days = new List<RevenueDay>();
        for (var n = last.DayNumber; n >= first.DayNumber; n--)
        {
            var day = DateOnly.FromDayNumber(n);
            var paid = invoiced[(day, InvoiceKind.Invoice)].SingleOrDefault();
            var back = invoiced[(day, InvoiceKind.CreditNote)].SingleOrDefault();
            var failed = invoiced[(day, InvoiceKind.Reversal)].SingleOrDefault()?.Amount ?? 0;
            var refunds = (-back?.Amount ?? 0) - failed;
            days.Add(new(
                day, paid?.Amount ?? 0, paid?.Count ?? 0, refunds, back?.Count ?? 0,
                (paid?.Amount ?? 0) - refunds, charged.GetValueOrDefault(day)));
        }
        return days;
    }
}
