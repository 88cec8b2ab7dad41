using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Rates;

/// <param name="PerGBHour">For each GiB of memory.</param>
/// <param name="PerStorageGBHour">For each GiB of storage.</param>
public sealed record RateItem(
    Guid Id, DateTimeOffset ValidFrom, decimal BasePerHour, decimal PerCoreHour, decimal PerGBHour,
    decimal PerStorageGBHour, string Currency)
{
    internal static RateItem Of(Rate r) => new(
        r.Id, r.ValidFrom, r.BasePerHour, r.PerCoreHour, r.PerGBHour, r.PerStorageGBHour, r.Currency);
}

/// <param name="ValidFrom">At least a minute ahead.</param>
public sealed record NewRate(
    DateTimeOffset ValidFrom, decimal BasePerHour, decimal PerCoreHour, decimal PerGBHour, decimal PerStorageGBHour);

static class RateRoutes
{
    const decimal Max = 10_000;
    /// <summary>What started before must have been priced before.</summary>
    static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);
    static readonly TimeSpan FarthestAhead = TimeSpan.FromDays(3650);

    public static void MapRates(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/billing/rates", List).WithName("ListRates").WithTags("Billing")
            .WithSummary("Prices per hour of a running phone, charged per second. A run keeps the price of its start.");
        routes.MapPost("/api/billing/rates", Add).WithName("AddRate").WithTags("Billing")
            .WithSummary("New prices for runs that start from an instant on. For admins.")
            .RequireAuthorization(Policies.Admin).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
    }

    static async Task<Page<RateItem>> List(PageRequest page, BillingDb db, CancellationToken ct) =>
        (await db.Rates.ToPageAsync(page, ct)).Select(RateItem.Of);

    static async Task<Results<Created<RateItem>, ProblemHttpResult>> Add(
        NewRate request, BillingDb db, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var ahead = request.ValidFrom - now;
        if (ahead < Ahead || ahead > FarthestAhead)
            return Problems.BadRequest("bad-request", "validFrom is at least a minute and at most ten years ahead.");
        decimal[] prices = [request.BasePerHour, request.PerCoreHour, request.PerGBHour, request.PerStorageGBHour];
        if (prices.Any(p => p is < 0 or > Max || p != decimal.Round(p, 6)))
            return Problems.BadRequest("bad-request", $"Prices are 0 to {Max} with at most 6 decimals.");
        var rate = new Rate
        {
            Id = Guid.CreateVersion7(now), ValidFrom = request.ValidFrom.ToUniversalTime(),
            BasePerHour = request.BasePerHour, PerCoreHour = request.PerCoreHour, PerGBHour = request.PerGBHour,
            PerStorageGBHour = request.PerStorageGBHour, Currency = Rate.First.Currency,
        };
        db.Add(rate);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            return Problems.Conflict("valid-from-taken", "There are prices from that instant on already.");
        }
        return TypedResults.Created($"/api/billing/rates/{rate.Id}", RateItem.Of(rate));
    }
}
