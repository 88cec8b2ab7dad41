using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Quotas;

static class GetQuota
{
    public static async Task<Results<Ok<QuotaView>, ProblemHttpResult>> Handle(
        Guid userId, CurrentUser caller, QuotaReader quotas, CancellationToken ct) =>
        caller.MaySee(userId) && await quotas.CachedAsync(userId, ct) is { } quota
            ? TypedResults.Ok(quota)
            : Problems.NotFound("quota");

    /// <summary>For billing, which tells who orders a plan with less.</summary>
    public static async Task<Results<Ok<QuotaLimits>, ProblemHttpResult>> HandleLimits(
        Guid userId, QuotaReader quotas, CancellationToken ct) =>
        await quotas.CachedAsync(userId, ct) is { } quota
            ? TypedResults.Ok(quota.Limits)
            : Problems.NotFound("quota");

    /// <summary>For the scheduler, which reserves no room for what the quota would not give.</summary>
    public static async Task<Results<Ok<QuotaView>, ProblemHttpResult>> HandleStanding(
        Guid userId, QuotaReader quotas, CancellationToken ct) =>
        await quotas.FreshAsync(userId, ct) is { } quota ? TypedResults.Ok(quota) : Problems.NotFound("quota");
}
