using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Quotas;

/// <summary>A phone came into being, or is gone.</summary>
public enum UsageOperation { Increment, Decrement }

public sealed record UsageRequest(Guid DeviceId, int CpuCores, int MemoryGB, UsageOperation Operation);

public sealed record UsageReport(Guid UserId, Guid DeviceId, int CpuCores, int MemoryGB, UsageOperation Operation);

public sealed record BatchUsageRequest(IReadOnlyList<UsageReport> Reports);

/// <param name="Outcome"><c>counted</c>, <c>released</c>, <c>unknown-user</c> or <c>other-user</c>.</param>
public sealed record UsageResult(Guid DeviceId, string Outcome);

/// <param name="Accepted">How many reports have taken effect, now or before.</param>
public sealed record BatchUsageAnswer(int Accepted, IReadOnlyList<UsageResult> Results);

/// <summary>
/// Reports say which phones there are; each counts once for its device id, whenever and however often it comes.
/// </summary>
static class ReportUsage
{
    const int MaxReports = 100;

    public static async Task<Results<Ok<QuotaView>, ProblemHttpResult>> Handle(
        Guid userId, UsageRequest request, Holdings holdings, QuotaReader quotas, QuotaCache cache,
        CancellationToken ct)
    {
        var demand = new Demand(userId, request.DeviceId, request.CpuCores, request.MemoryGB);
        if (DemandRules.Check(demand).Problem is { } wrong)
            return wrong;
        var (outcome, _) = await holdings.ApplyAsync(TriggerOf(request.Operation), demand, ct);
        await cache.DropAsync(userId);
        return outcome == HoldingOutcome.Mismatch
            ? Problems.Conflict("other-user", "This device is held for another user.")
            : await quotas.FreshAsync(userId, ct) is { } quota ? TypedResults.Ok(quota)
            : Problems.NotFound("quota");
    }

    public static async Task<Results<Ok<BatchUsageAnswer>, ProblemHttpResult>> HandleBatch(
        BatchUsageRequest request, Holdings holdings, QuotaCache cache, CancellationToken ct)
    {
        if (request.Reports.Count is 0 or > MaxReports || request.Reports.Contains(null!))
            return Problems.BadRequest("bad-request", $"reports has 1 to {MaxReports} entries.");
        var demands = request.Reports.Select(r => new Demand(r.UserId, r.DeviceId, r.CpuCores, r.MemoryGB)).ToList();
        for (var i = 0; i < demands.Count; i++)
            if (DemandRules.Check(demands[i], $"reports[{i}].").Problem is { } wrong)
                return wrong;
        var results = new List<UsageResult>();
        foreach (var (demand, report) in demands.Zip(request.Reports))
        {
            var (outcome, state) = await holdings.ApplyAsync(TriggerOf(report.Operation), demand, ct);
            results.Add(new(demand.DeviceId, WordOf(outcome, state)));
        }
        // side by side: with the state store away each waits its whole patience, and the caller's is not much longer
        await Task.WhenAll(demands.Select(d => d.UserId).Distinct().Select(cache.DropAsync));
        return TypedResults.Ok(new BatchUsageAnswer(results.Count(r => r.Outcome is Counted or Released), results));
    }

    const string Counted = "counted";
    const string Released = "released";

    static string WordOf(HoldingOutcome outcome, HoldingState? state) => (outcome, state) switch
    {
        (HoldingOutcome.Done, HoldingState.Counted) => Counted,
        (HoldingOutcome.Done, _) => Released,
        (HoldingOutcome.Mismatch, _) => "other-user",
        _ => "unknown-user",
    };

    static HoldingTrigger TriggerOf(UsageOperation operation) =>
        operation == UsageOperation.Increment ? HoldingTrigger.Increment : HoldingTrigger.Decrement;
}
