using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Quotas;

public sealed record SetQuotaRequest(
    int MaxDevices, int TotalCpuCores, int TotalMemoryGB, DateTimeOffset? ValidUntil = null);

static class SetQuota
{
    /// <summary>
    /// Limits below what is taken are fine: phones stay, and nothing new is taken until there is room.
    /// </summary>
    public static async Task<Results<Ok<QuotaView>, ProblemHttpResult>> Handle(
        Guid userId, SetQuotaRequest request, UsersDb db, QuotaCache cache, Outbox outbox, Audit audit,
        TimeProvider clock, CancellationToken ct)
    {
        if (Check(request) is { } wrong)
            return wrong;
        if (await db.Quotas.SingleOrDefaultAsync(q => q.UserId == userId, ct) is not { } quota)
            return Problems.NotFound("quota");
        var validUntil = request.ValidUntil?.ToUniversalTime();
        var limits = new QuotaLimits(request.MaxDevices, request.TotalCpuCores, request.TotalMemoryGB);
        if (quota.Limits == limits && quota.ValidUntil == validUntil)
            return TypedResults.Ok(QuotaView.Of(quota));
        (quota.Limits, quota.ValidUntil, quota.UpdatedAt) = (limits, validUntil, clock.GetUtcNow());
        outbox.Add(quota.ToUpdated());
        audit.Add(userId, Acts.QuotaChanged,
            $"{quota.MaxDevices} phones, {quota.TotalCpuCores} cores, {quota.TotalMemoryGB} GB");
        await db.SaveChangesAsync(ct);
        await cache.DropAsync(userId);
        return TypedResults.Ok(QuotaView.Of(quota));
    }

    static ProblemHttpResult? Check(SetQuotaRequest request) => new FieldErrors()
        .Check(request.MaxDevices is >= 0 and <= 10_000, "maxDevices", "maxDevices is 0 to 10000.")
        .Check(request.TotalCpuCores is >= 0 and <= 100_000, "totalCpuCores", "totalCpuCores is 0 to 100000.")
        .Check(request.TotalMemoryGB is >= 0 and <= 1_000_000, "totalMemoryGB", "totalMemoryGB is 0 to 1000000.")
        .Problem;
}
