using CloudPhone.Shared.Work;

namespace CloudPhone.Apps.Installs;

/// <summary>Hands the pre-installs of new phones to the device service, until it has taken each.</summary>
sealed class PreinstallWorker(DueWorkerParts parts, ILogger<PreinstallWorker> log)
    : DueWorker<AppDb, Install>(parts, log)
{
    protected override string What => "pre-install";

    protected override TimeSpan PauseAfter(int attempts) =>
        BackOff.After(attempts, TimeSpan.FromSeconds(0.5), TimeSpan.FromMinutes(1));

    protected override async Task<DateTimeOffset?> TryAsync(
        Install row, IServiceProvider services, CancellationToken ct)
    {
        await services.GetRequiredService<Preinstall>().TryAsync(row, ct);
        return null;
    }
}
