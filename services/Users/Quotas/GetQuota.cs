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
}
