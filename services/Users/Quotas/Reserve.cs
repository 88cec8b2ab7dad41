using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Quotas;

public sealed record ReserveRequest(Guid UserId, Guid DeviceId, int CpuCores, int MemoryGB);

/// <param name="Outcome"><c>reserved</c> or <c>refused</c>.</param>
/// <param name="Reason">Of a refusal: what is lacking and how to get more, for the user.</param>
/// <param name="Remaining">What may still be taken while the quota is valid.</param>
/// <param name="ValidUntil">Of a quota that is over; null: it is not.</param>
public sealed record ReserveAnswer(
    string Outcome, string? Reason, QuotaLimits Limits, QuotaUsage Usage, QuotaRoom Remaining,
    DateTimeOffset? ValidUntil = null)
{
    public static ReserveAnswer Of(QuotaView quota, string? reason, DateTimeOffset now) => new(
        reason is null ? "reserved" : "refused", reason, quota.Limits, quota.Usage,
        QuotaRoom.Of(quota.Limits, quota.Usage), quota.ValidUntil <= now ? quota.ValidUntil : null);

    public static ReserveAnswer NoUser { get; } =
        new("refused", "There is no such user.", new(0, 0, 0), new(0, 0, 0), new(0, 0, 0));
}

static class Reserve
{
    public static async Task<Results<Ok<ReserveAnswer>, ProblemHttpResult>> Handle(
        ReserveRequest request, Expiry expiry, QuotaTerms terms, Holdings holdings, QuotaReader quotas,
        QuotaCache cache, TimeProvider clock, CancellationToken ct)
    {
        var demand = new Demand(request.UserId, request.DeviceId, request.CpuCores, request.MemoryGB);
        if (DemandRules.Check(demand).Problem is { } wrong)
            return wrong;
        await expiry.RunAsync(request.UserId, ct);
        await terms.RunAsync(request.UserId, ct);
        var (outcome, state) = await holdings.ApplyAsync(HoldingTrigger.Reserve, demand, ct);
        await cache.DropAsync(request.UserId);
        if (outcome == HoldingOutcome.Mismatch)
            return Problems.Conflict("other-reservation", "This device is held for another user or with another size.");
        var quota = await quotas.FreshAsync(request.UserId, ct);
        if (quota is null)
            return TypedResults.Ok(ReserveAnswer.NoUser);
        var now = clock.GetUtcNow();
        var reason = (outcome, state) switch
        {
            (HoldingOutcome.Done, HoldingState.Released) => "This phone was given up before.",
            (HoldingOutcome.Done, _) => null,
            _ => QuotaRefusal.For(quota, demand, now),
        };
        return TypedResults.Ok(ReserveAnswer.Of(quota, reason, now));
    }
}
