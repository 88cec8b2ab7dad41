using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Quotas;

/// <summary>Asks the user service for room in a user's quota, and tells it what is used.</summary>
sealed partial class UserQuotas(
    [FromKeyedServices(AppIds.Users)] Sibling users, DeviceDb db, TimeProvider clock,
    ILogger<UserQuotas> log)
{
    /// <exception cref="SiblingUnavailableException">The user service is away.</exception>
    public Task<QuotaAnswer> ReserveAsync(Device d, CancellationToken ct) => ReserveAsync(d, $"reserve-{d.Id}", ct);

    /// <summary>Asks again before a later step: the reservation may have expired.</summary>
    /// <exception cref="SiblingUnavailableException">The user service is away.</exception>
    public Task<QuotaAnswer> RenewAsync(Device d, CancellationToken ct) =>
        ReserveAsync(d, $"renew-{d.Id}-{Guid.CreateVersion7():N}", ct);

    async Task<QuotaAnswer> ReserveAsync(Device d, string key, CancellationToken ct) =>
        await users.PostAsync<QuotaAnswer>(
            "/internal/quotas/reserve", new { d.UserId, DeviceId = d.Id, d.CpuCores, d.MemoryGB }, key, ct)
        ?? throw new SiblingUnavailableException(AppIds.Users, null);

    /// <summary>Tells it now or, where it is away, as soon as it is back: the report is kept until then.</summary>
    public async Task ReportAsync(Device d, string operation, CancellationToken ct)
    {
        var report = UsageReport.Of(d, operation, clock.GetUtcNow());
        try
        {
            await SendAsync(report, ct);
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
        {
            Kept(log, operation, d.Id, e.Message);
            await KeepAsync(report, ct);
        }
    }

    /// <summary>Leaves it to the worker: nobody waits for a service that was away a moment ago.</summary>
    public Task ReportLaterAsync(Device d, string operation, CancellationToken ct) =>
        KeepAsync(UsageReport.Of(d, operation, clock.GetUtcNow()), ct);

    Task KeepAsync(UsageReport report, CancellationToken ct)
    {
        db.Add(report);
        return db.SaveChangesAsync(ct);
    }

    /// <exception cref="SiblingUnavailableException">It is away, or does not know the user: then not yet.</exception>
    /// <exception cref="SiblingRefusedException">It does not take the report.</exception>
    public async Task SendAsync(UsageReport r, CancellationToken ct)
    {
        _ = await users.PostAsync<object>(
            $"/api/quotas/user/{r.UserId}/usage", new { r.DeviceId, r.CpuCores, r.MemoryGB, r.Operation },
            $"usage-{r.Operation}-{r.DeviceId}", ct) ?? throw new SiblingUnavailableException(AppIds.Users, null);
    }

    [LoggerMessage(1, LogLevel.Warning, "The {Operation} of device {Device} is reported later: {Reason}")]
    static partial void Kept(ILogger log, string operation, Guid device, string reason);
}
