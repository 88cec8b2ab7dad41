using CloudPhone.Billing.Refunds;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Orders;

static class OrderRoutes
{
    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/api/billing/orders").WithTags("Orders");
        orders.MapPost("", PlaceOrder.Handle).WithName("PlaceOrder")
            .WithSummary("Orders a sum for the balance, or months of a plan. payUrl is where it is paid.")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(503);
        orders.MapGet("", List).WithName("ListOrders")
            .WithSummary("Orders with their payments and refunds, newest first. Users see their own, operators all.");
        orders.MapGet("/{id:guid}", Get).WithName("GetOrder").WithSummary("One order.").ProducesProblem(404);
        orders.MapPost("/{id:guid}/cancel", CancelOrder.Handle).WithName("CancelOrder")
            .WithSummary("Gives up an order that is not paid.").ProducesProblem(404).ProducesProblem(409);
        orders.MapPost("/{id:guid}/pay", PayOrder.Handle).WithName("PayOrder")
            .WithSummary("Another try to pay an open order, where the last one is over; else that one again.")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        orders.MapPost("/{id:guid}/refund", RefundOrder.Handle).WithName("RefundOrder")
            .WithSummary("Pays back an order, whole or in part. For operators.").RequireAuthorization(Policies.Operator)
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    static async Task<Results<Ok<Page<OrderView>>, ProblemHttpResult>> List(
        PageRequest page, Guid? userId, string? status, CurrentUser user, BillingDb db, CancellationToken ct)
    {
        var orders = Visible(db, user);
        if (userId is not null)
            orders = orders.Where(o => o.UserId == userId);
        if (status is not null)
        {
            if (!Enum.TryParse<OrderStatus>(status, ignoreCase: true, out var wanted) || !Enum.IsDefined(wanted))
                return Problems.BadRequest("bad-request", "status is pending, paid, cancelled, expired or refunded.");
            orders = orders.Where(o => o.Status == wanted);
        }
        var found = await orders.ToPageAsync(page, ct);
        return TypedResults.Ok(new Page<OrderView>(await db.ViewsAsync(found.Items, ct), found.NextCursor));
    }

    static async Task<Results<Ok<OrderView>, ProblemHttpResult>> Get(
        Guid id, CurrentUser user, BillingDb db, CancellationToken ct) =>
        await Visible(db, user).AsNoTracking().SingleOrDefaultAsync(o => o.Id == id, ct) is { } order
            ? TypedResults.Ok((await db.ViewsAsync([order], ct))[0]) : Problems.NotFound("order");

    static IQueryable<Order> Visible(BillingDb db, CurrentUser user) =>
        db.Orders.Where(o => user.IsOperator || o.UserId == user.Id);
}
