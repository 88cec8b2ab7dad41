using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Quotas;

namespace CloudPhone.Users.Ledger;

static class LedgerRoutes
{
    public static void AddLedger(this WebApplicationBuilder builder) =>
        builder.Services.AddScoped<LedgerBook>().AddScoped<PaidQuota>().AddScoped<OnBilling>();

    public static void MapLedger(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/users").WithTags("Users");
        users.MapGet("/me/statement", Statement.GetMine).WithName("getMyStatement")
            .WithSummary("What changed the caller's balance, newest first");
        users.MapGet("/{id:guid}/statement", Statement.Get).WithName("getStatement")
            .WithSummary("What changed a balance: yourself, or anybody for operators").ProducesProblem(404);
        users.MapPost("/{id:guid}/adjustments", Adjust.Handle).RequireAuthorization(Policies.Admin)
            .WithName("adjustBalance").WithSummary("Put a balance right, for admins")
            .ProducesProblem(400).ProducesProblem(404);

        var siblings = routes.MapGroup("/internal/ledger").RequireAuthorization(Policies.Service)
            .ExcludeFromDescription();
        siblings.MapPost("/hold", Holds.Hold);
        siblings.MapPost("/release", Holds.Release);

        routes.MapSubscription<BillingPaymentSuccess>(
            (BillingPaymentSuccess e, OnBilling on, HttpResponse response, QuotaCache quotas, CancellationToken ct) =>
            {
                // after the commit and before the answer: whoever knows that the event was handled reads what it
                // changed
                response.OnStarting(() => quotas.DropAsync(e.UserId));
                return on.PaidAsync(e, ct);
            });
        routes.MapSubscription<BillingUsageCharged>(
            (BillingUsageCharged e, OnBilling on, CancellationToken ct) => on.ChargedAsync(e, ct));
        routes.MapSubscription<BillingPaymentRefunded>(
            (BillingPaymentRefunded e, OnBilling on, HttpResponse response, QuotaCache quotas, CancellationToken ct) =>
            {
                response.OnStarting(() => quotas.DropAsync(e.UserId));
                return on.RefundedAsync(e, ct);
            });
        routes.MapSubscription<BillingRefundFailed>(
            (BillingRefundFailed e, OnBilling on, HttpResponse response, QuotaCache quotas, CancellationToken ct) =>
            {
                response.OnStarting(() => quotas.DropAsync(e.UserId));
                return on.RefundFailedAsync(e, ct);
            });
    }
}
