using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Billing.Plans;

/// <summary>What users should know before they pay a plan.</summary>
sealed class PlanNotice(
    BillingDb db, [FromKeyedServices(AppIds.Users)] Sibling users, TimeProvider clock)
{
    /// <summary>An order does not wait for it any longer.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <returns>Null: there is nothing to say.</returns>
    public async Task<string?> ForAsync(Guid userId, Plan plan, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var begins = await db.Set<Subscriber>().Where(s => s.UserId == userId && s.Until > now)
            .Select(s => (DateTimeOffset?)s.Until).SingleOrDefaultAsync(ct);
        var after = begins is null ? null : FormattableString.Invariant(
            $"It begins when the plan before it ends, at {begins.Value.UtcDateTime:yyyy-MM-dd HH:mm} UTC.");
        var less = await LimitsAsync(userId, ct) is { } have && (plan.MaxDevices < have.MaxDevices
            || plan.TotalCpuCores < have.TotalCpuCores || plan.TotalMemoryGB < have.TotalMemoryGB)
            ? $"{plan.Name} allows {Words(new(plan.MaxDevices, plan.TotalCpuCores, plan.TotalMemoryGB))}, less than "
                + $"the {Words(have)} that you have now." : null;
        return (after, less) is (null, null) ? null : string.Join(' ', new[] { less, after }.OfType<string>());
    }

    static string Words(Limits l) =>
        $"{l.MaxDevices} phones, {l.TotalCpuCores} cores and {l.TotalMemoryGB} GB of memory";

    /// <returns>Null where they can't be had: an order is taken without it.</returns>
    async Task<Limits?> LimitsAsync(Guid userId, CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        end.CancelAfter(Patience);
        try
        {
            return await users.GetAsync<Limits>($"/internal/quotas/limits?userId={userId}", end.Token);
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    sealed record Limits(int MaxDevices, int TotalCpuCores, int TotalMemoryGB);
}
