using CloudPhone.Billing.Payments;
using CloudPhone.Billing.Plans;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Orders;

/// <param name="Amount">CNY for the balance. With a plan it may be left out; it is the plan's price × months.</param>
/// <param name="Months">1 to 12; 1 unless given. Only with a plan.</param>
/// <param name="Provider">The preferred one unless given.</param>
/// <param name="Currency">CNY: prices and balances are in nothing else.</param>
public sealed record NewOrder(
    decimal? Amount = null, Guid? PlanId = null, int? Months = null, string? Provider = null,
    string? Currency = null);

/// <param name="PayUrl">Where the user pays.</param>
/// <param name="ExpiresAt">Of this payment; the order itself lives longer, and <c>pay</c> begins another.</param>
/// <param name="Notice">What to know before a plan is paid, like that it allows less than the user has already.</param>
public sealed record OrderAnswer(
    Guid OrderId, Guid PaymentId, string Provider, decimal Amount, string Currency, OrderStatus Status, string PayUrl,
    DateTimeOffset ExpiresAt, string? Notice = null);

static class PlaceOrder
{
    const int MaxMonths = 12;
    const int MaxOpen = 100;
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    public static async Task<Results<Created<OrderAnswer>, ProblemHttpResult>> Handle(
        NewOrder request, CurrentUser user, BillingDb db, PaymentProviders providers, Checkout checkout,
        ResourceIds ids, PlanNotice notices, TimeProvider clock, CancellationToken ct)
    {
        if (Check(request) is { } wrong)
            return Problems.BadRequest("bad-request", wrong);
        if (request.Currency is not null && request.Currency != Money.Currency)
            return Problems.BadRequest("wrong-currency", $"currency is {Money.Currency}, or left out.");
        if (providers.Find(request.Provider) is not { } provider)
            return Problems.BadRequest("unknown-provider", $"Payment providers here: {providers.Names}.");
        var plan = request.PlanId is { } planId
            ? await db.Plans.AsNoTracking().SingleOrDefaultAsync(p => p.Id == planId && p.IsActive, ct) : null;
        if (request.PlanId is not null && plan is null)
            return Problems.BadRequest("unknown-plan", "There is no such plan on offer.");
        var amount = plan is null ? request.Amount!.Value : plan.PricePerMonth * (request.Months ?? 1);
        if (plan is not null && request.Amount is { } expected && expected != amount)
            return Problems.BadRequest("wrong-amount", $"The plan costs {amount:0.00} {Money.Currency}.");
        if (Money.Check(amount) is not null)
            return Problems.BadRequest(
                plan is null ? "bad-request" : "plan-not-for-sale", plan is null ? Money.Check(amount)!
                : $"A plan for {amount:0.00} {Money.Currency} can't be ordered.");
        var now = clock.GetUtcNow();
        if (await db.Orders.CountAsync(
            o => o.UserId == user.Id && o.Status == OrderStatus.Pending && o.ExpiresAt > now, ct) >= MaxOpen)
            return Problems.Conflict("too-many-open-orders", $"Pay or cancel some of your {MaxOpen} open orders.");

        var order = new Order
        {
            Id = ids.New(), UserId = user.Id, BuyerName = user.Username, Amount = amount, Currency = Money.Currency,
            PlanId = plan?.Id, PlanCode = plan?.Code, Months = plan is null ? null : request.Months ?? 1,
            CreatedAt = now, ExpiresAt = now + Lifetime, NextAttemptAt = now + Lifetime,
            RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
        };
        var payment = await AddAsync(db, order, checkout.New(order, provider, ids.New()), ct);
        if (await checkout.OpenAsync(provider, order, payment, ct) is { } problem)
            return problem;
        var notice = plan is null ? null : await notices.ForAsync(user.Id, plan, ct);
        return TypedResults.Created(
            $"/api/billing/orders/{order.Id}", (await AnswerAsync(db, payment.Id, ct)) with { Notice = notice });
    }

    static string? Check(NewOrder request) =>
        request is { Amount: null, PlanId: null } ? "Give an amount, or a plan."
        : request is { Months: not null, PlanId: null } ? "months is for plans."
        : request.Months is < 1 or > MaxMonths ? $"months is 1 to {MaxMonths}."
        : request.Amount is { } amount ? Money.Check(amount)
        : null;

    /// <summary>A request that is repeated after a crash finds what its first run has left.</summary>
    static async Task<Payment> AddAsync(BillingDb db, Order order, Payment payment, CancellationToken ct)
    {
        db.AddRange(order, payment);
        try
        {
            await db.SaveChangesAsync(ct);
            return payment;
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            db.ChangeTracker.Clear();
            return await db.Payments.AsNoTracking().Where(p => p.OrderId == order.Id).OrderBy(p => p.Id).FirstAsync(ct);
        }
    }

    /// <summary>As it is by now: it may be paid already.</summary>
    public static Task<OrderAnswer> AnswerAsync(BillingDb db, Guid paymentId, CancellationToken ct) =>
        (from p in db.Payments
         join o in db.Orders on p.OrderId equals o.Id
         where p.Id == paymentId
         select new OrderAnswer(
             o.Id, p.Id, p.Provider, p.Amount, p.Currency, o.Status, p.PayUrl!, p.ExpiresAt, null)).SingleAsync(ct);
}
