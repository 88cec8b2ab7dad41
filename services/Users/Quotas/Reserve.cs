using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Quotas;

public sealed record ReserveRequest(Guid UserId, Guid DeviceId, int CpuCores, int MemoryGB);

/// <param name="Outcome"><c>reserved</c> or <c>refused</c>.</param>
/// <param name="Reason">Of a refusal: a sentence for the user.</param>
public sealed record ReserveAnswer(string Outcome, string? Reason, QuotaLimits Limits, QuotaUsage Usage);

static class Reserve
{
    public static async Task<Results<Ok<ReserveAnswer>, ProblemHttpResult>> Handle(
        ReserveRequest request, Expiry expiry, Holdings holdings, QuotaReader quotas, QuotaCache cache,
        TimeProvider clock, CancellationToken ct)
    {
        var demand = new Demand(request.UserId, request.DeviceId, request.CpuCores, request.MemoryGB);
        if (DemandRules.Check(demand).Problem is { } wrong)
            return wrong;
        await expiry.RunAsync(request.UserId, ct);
        var (outcome, state) = await holdings.ApplyAsync(HoldingTrigger.Reserve, demand, ct);
        await cache.DropAsync(request.UserId);
        if (outcome == HoldingOutcome.Mismatch)
            return Problems.Conflict("other-reservation", "This device is held for another user or with another size.");
        var quota = await quotas.FreshAsync(request.UserId, ct);
        if (quota is null)
            return TypedResults.Ok(new ReserveAnswer("refused", "There is no such user.", new(0, 0, 0), new(0, 0, 0)));
        var reason = (outcome, state) switch
        {
            (HoldingOutcome.Done, HoldingState.Released) => "This phone was given up before.",
            (HoldingOutcome.Done, _) => null,
            _ => RefusalOf(quota, demand, clock.GetUtcNow()),
        };
        return TypedResults.Ok(
            new ReserveAnswer(reason is null ? "reserved" : "refused", reason, quota.Limits, quota.Usage));
    }

    /// <summary>In whole numbers: what the quota allows, what is taken, what was asked for.</summary>
    static string RefusalOf(QuotaView quota, Demand demand, DateTimeOffset now)
    {
        var (limits, usage) = (quota.Limits, quota.Usage);
        if (quota.ValidUntil <= now)
            return FormattableString.Invariant($"Your quota was valid until {quota.ValidUntil:yyyy-MM-dd HH:mm} UTC.");
        if (usage.CurrentDevices + 1 > limits.MaxDevices)
            return $"Your quota allows {limits.MaxDevices} phones: {usage.CurrentDevices} exist or are being created.";
        if (usage.UsedCpuCores + demand.CpuCores > limits.TotalCpuCores)
            return $"Your quota allows {limits.TotalCpuCores} CPU cores: "
                + $"{usage.UsedCpuCores} are taken, this phone needs {demand.CpuCores}.";
        if (usage.UsedMemoryGB + demand.MemoryGB > limits.TotalMemoryGB)
            return $"Your quota allows {limits.TotalMemoryGB} GB of memory: "
                + $"{usage.UsedMemoryGB} are taken, this phone needs {demand.MemoryGB}.";
        return "There was no room in your quota at that moment; now there is.";
    }
}
