using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Plans;

/// <param name="PricePerMonth">For 30 days.</param>
/// <param name="TotalMemoryGB">GiB.</param>
public sealed record PlanItem(
    Guid Id, string Code, string Name, decimal PricePerMonth, string Currency, int IncludedHours, int MaxDevices,
    int TotalCpuCores, int TotalMemoryGB, bool IsActive)
{
    internal static PlanItem Of(Plan p) => new(
        p.Id, p.Code, p.Name, p.PricePerMonth, Rates.Rate.First.Currency, p.IncludedHours, p.MaxDevices,
        p.TotalCpuCores, p.TotalMemoryGB, p.IsActive);
}

public sealed record SubscriptionItem(
    Guid Id, Guid UserId, Guid PlanId, Guid OrderId, DateTimeOffset From, DateTimeOffset Until, long IncludedSeconds,
    long UsedSeconds);

static class PlanRoutes
{
    public static void MapPlans(this IEndpointRouteBuilder routes)
    {
        var billing = routes.MapGroup("/api/billing").WithTags("Billing");
        billing.MapGet("/plans", List).WithName("ListPlans")
            .WithSummary("The plans on offer; operators also see those that are not offered any more.");
        billing.MapPost("/plans", Add).WithName("AddPlan").WithSummary("Offers a new plan. For admins.")
            .RequireAuthorization(Policies.Admin).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        billing.MapPatch("/plans/{id:guid}", Change).WithName("ChangePlan")
            .WithSummary("Changes a plan for orders to come; fields that are left out stay. For admins.")
            .RequireAuthorization(Policies.Admin).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        billing.MapGet("/subscriptions", ListSubscriptions).WithName("ListSubscriptions")
            .WithSummary("Paid months of plans and what is used of their hours. Users see their own, operators all.");
    }

    static async Task<Page<PlanItem>> List(PageRequest page, CurrentUser user, BillingDb db, CancellationToken ct) =>
        (await db.Plans.Where(p => p.IsActive || user.IsOperator).ToPageAsync(page, ct)).Select(PlanItem.Of);

    static async Task<Results<Created<PlanItem>, ProblemHttpResult>> Add(
        NewPlan request, BillingDb db, TimeProvider clock, CancellationToken ct)
    {
        if (request.Check() is { } wrong)
            return Problems.BadRequest("bad-request", wrong);
        var plan = request.ToPlan(Guid.CreateVersion7(clock.GetUtcNow()));
        db.Add(plan);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            return Problems.Conflict("code-taken", $"There is a plan {plan.Code} already.");
        }
        return TypedResults.Created($"/api/billing/plans/{plan.Id}", PlanItem.Of(plan));
    }

    static async Task<Results<Ok<PlanItem>, ProblemHttpResult>> Change(
        Guid id, PlanChange request, BillingDb db, CancellationToken ct)
    {
        if (request.Check() is { } wrong)
            return Problems.BadRequest("bad-request", wrong);
        if (await db.Plans.SingleOrDefaultAsync(p => p.Id == id, ct) is not { } plan)
            return Problems.NotFound("plan");
        request.ApplyTo(plan);
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(PlanItem.Of(plan));
    }

    static async Task<Page<SubscriptionItem>> ListSubscriptions(
        PageRequest page, CurrentUser user, BillingDb db, CancellationToken ct) =>
        (await db.Subscriptions.Where(s => user.IsOperator || s.UserId == user.Id).ToPageAsync(page, ct))
            .Select(s => new SubscriptionItem(
                s.Id, s.UserId, s.PlanId, s.OrderId, s.From, s.Until, s.IncludedSeconds, s.UsedSeconds));
}
