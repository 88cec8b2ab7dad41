using CloudPhone.Shared.Http;

namespace CloudPhone.Billing.Rates;

/// <param name="PerGBHour">For each GiB of memory.</param>
public sealed record RateItem(
    Guid Id, DateTimeOffset ValidFrom, decimal BasePerHour, decimal PerCoreHour, decimal PerGBHour, string Currency);

static class RateRoutes
{
    public static void MapRates(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/billing/rates", List).WithName("ListRates").WithTags("Billing")
            .WithSummary("Prices per hour of a running phone, charged per second. A run keeps the price of its start.");

    static async Task<Page<RateItem>> List(PageRequest page, BillingDb db, CancellationToken ct) =>
        (await db.Rates.ToPageAsync(page, ct))
            .Select(r => new RateItem(r.Id, r.ValidFrom, r.BasePerHour, r.PerCoreHour, r.PerGBHour, r.Currency));
}
