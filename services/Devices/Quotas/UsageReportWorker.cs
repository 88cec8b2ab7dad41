using CloudPhone.Shared.Work;

namespace CloudPhone.Devices.Quotas;

/// <summary>Sends the reports that the user service could not take, until it has.</summary>
sealed class UsageReportWorker(DueWorkerParts parts, ILogger<UsageReportWorker> log)
    : DueWorker<DeviceDb, UsageReport>(parts, log)
{
    protected override string What => "usage report";

    protected override TimeSpan PauseAfter(int attempts) =>
        BackOff.After(attempts, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    protected override async Task<DateTimeOffset?> TryAsync(
        UsageReport row, IServiceProvider services, CancellationToken ct)
    {
        await services.GetRequiredService<UserQuotas>().SendAsync(row, ct);
        services.GetRequiredService<DeviceDb>().Remove(row);
        return null;
    }
}
