using CloudPhone.Shared.Http;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Quotas;

public sealed record SetQuotaRequest(
    int MaxDevices, int TotalCpuCores, int TotalMemoryGB, DateTimeOffset? ValidUntil = null);

static class SetQuota
{
    /// <summary>
    /// What the user has without a plan; one that is in force adds to it. Limits below what is taken are fine: phones
    /// stay, and nothing new is taken until there is room.
    /// </summary>
    public static async Task<Results<Ok<QuotaView>, ProblemHttpResult>> Handle(
        Guid userId, SetQuotaRequest request, UsersDb db, QuotaCache cache, QuotaTerms terms, Audit audit,
        CancellationToken ct)
    {
        if (Check(request) is { } wrong)
            return wrong;
        if (await db.Quotas.SingleOrDefaultAsync(q => q.UserId == userId, ct) is not { } quota)
            return Problems.NotFound("quota");
        var validUntil = request.ValidUntil?.ToUniversalTime();
        var limits = new QuotaLimits(request.MaxDevices, request.TotalCpuCores, request.TotalMemoryGB);
        if (quota.OwnLimits == limits && quota.OwnValidUntil == validUntil)
            return TypedResults.Ok(QuotaView.Of(quota));
        await db.InTransactionAsync(async () =>
        {
            if (quota.OwnValidUntil != validUntil) // what top-ups added to the end before is no part of this one
                await db.TopUpTerms.Where(t => t.UserId == userId)
                    .ExecuteUpdateAsync(s => s.SetProperty(t => t.Days, 0)
                        .SetProperty(t => t.Taken, TimeSpan.Zero), ct);
            (quota.OwnLimits, quota.OwnValidUntil) = (limits, validUntil);
            await terms.SettleAsync(quota, ct);
            audit.Add(userId, Acts.QuotaChanged,
                $"{limits.MaxDevices} phones, {limits.TotalCpuCores} cores, {limits.TotalMemoryGB} GB");
            await db.SaveChangesAsync(ct);
        }, ct);
        await cache.DropAsync(userId);
        return TypedResults.Ok(QuotaView.Of(quota));
    }

    static ProblemHttpResult? Check(SetQuotaRequest request) => new FieldErrors()
        .Check(request.MaxDevices is >= 0 and <= 10_000, "maxDevices", "maxDevices is 0 to 10000.")
        .Check(request.TotalCpuCores is >= 0 and <= 100_000, "totalCpuCores", "totalCpuCores is 0 to 100000.")
        .Check(request.TotalMemoryGB is >= 0 and <= 1_000_000, "totalMemoryGB", "totalMemoryGB is 0 to 1000000.")
        .Problem;
}
