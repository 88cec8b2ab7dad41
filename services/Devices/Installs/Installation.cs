using CloudPhone.Devices.Providers;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>One try to get an app onto a phone, and to tell how it went.</summary>
sealed partial class Installation(
    DeviceDb db, AppService apps, IDeviceProvider provider, TimeProvider clock, ILogger<Installation> log)
{
    const int MaxAttempts = 8;
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(2);

    public async Task TryAsync(Install install, CancellationToken ct)
    {
        try
        {
            if (install.Status == InstallStatus.Pending)
                await InstallAsync(install, ct);
            if (install.IsBegun)
                await apps.ReportAsync(install, ct);
            install.NextAttemptAt = null;
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException or ProviderException
            or IOException or HttpRequestException)
        {
            TryLater(install, e);
        }
        await db.SaveChangesAsync(ct);
    }

    async Task InstallAsync(Install install, CancellationToken ct)
    {
        if (!await db.Devices.AnyAsync(d => d.Id == install.DeviceId, ct))
        {
            Settle(install, InstallStatus.Failed, "The phone was deleted.");
            return;
        }
        var begin = await apps.BeginAsync(install, ct);
        (install.AppName, install.PackageName, install.Version) = (
            begin.App?.Name, begin.App?.PackageName, begin.App?.Version);
        if (begin is { Outcome: "pending", App: { } app })
        {
            install.IsBegun = true;
            await using var apk = await apps.OpenFileAsync(app.FileId, ct);
            await provider.InstallAsync(
                install.DeviceId, new(app.PackageName, app.Version, app.VersionCode, app.Sha256, app.Size), apk, ct);
            Settle(install, InstallStatus.Installed, null);
        }
        else
        {
            var isThere = begin.Outcome == "installed";
            var status = isThere ? InstallStatus.Installed : InstallStatus.Failed;
            Settle(install, status, isThere ? null : Reason(begin.Outcome));
        }
    }

    static string Reason(string outcome) =>
        outcome == "unknown-app" ? "There is no such app." : "The app is not available.";

    /// <summary>The result is in the database before it is told: a crash between the two tells it again.</summary>
    static void Settle(Install install, InstallStatus status, string? error) =>
        (install.Status, install.Error, install.Attempts) = (status, error?[..Math.Min(error.Length, 500)], 0);

    /// <summary>An install is given up after some tries; its result is told until the app service has taken
    /// it.</summary>
    void TryLater(Install install, Exception e)
    {
        install.Attempts++;
        var isHopeless = e is ProviderException { IsPermanent: true } || install.Attempts >= MaxAttempts;
        Failed(log, install.Id, install.DeviceId, install.Attempts, e.Message);
        if (install.Status == InstallStatus.Pending && isHopeless)
            Settle(install, InstallStatus.Failed, e.Message);
        var pause = install.Attempts == 0 ? TimeSpan.Zero : BackOff.After(install.Attempts, FirstPause, MaxPause);
        install.NextAttemptAt = clock.GetUtcNow() + pause;
    }

    [LoggerMessage(1, LogLevel.Warning, "Install {Install} on device {Device} failed at try {Try}: {Reason}")]
    static partial void Failed(ILogger log, Guid install, Guid device, int @try, string reason);
}
