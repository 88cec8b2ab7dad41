using CloudPhone.Adb;
using CloudPhone.Devices.Operations;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Work;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Installs;

/// <summary>One try to get an app onto a phone, or off it, or, once it is known how that went, to tell the app service.
/// </summary>
sealed partial class Installation(
    DeviceDb db, AppService apps, AdbPhones phones, InstallProgress progress, WorkSignals signals, TimeProvider clock,
    ILogger<Installation> log)
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    const int MaxAttempts = 8;

    public static TimeSpan PauseAfter(int attempts) =>
        BackOff.After(attempts, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));

    /// <returns>When it goes on; null when all is done.</returns>
    public async Task<DateTimeOffset?> TryAsync(Install install, CancellationToken ct)
    {
        try
        {
            if (install.Status == InstallStatus.Pending)
            {
                await DoAsync(install, ct);
                return AfterResult(install);
            }
            signals.Of<OperationItem>().Wake(); // it stands in the database by now
            await apps.ReportAsync(install, ct);
            return null;
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException or AdbException
            or InstallRefusedException or IOException or HttpRequestException)
        {
            return TryLater(install, e);
        }
    }

    async Task DoAsync(Install install, CancellationToken ct)
    {
        if (!await db.Devices.AnyAsync(d => d.Id == install.DeviceId, ct))
            Settle(install, InstallStatus.Failed, "The phone was deleted.");
        else if (install.Kind == InstallKind.Uninstall)
            await UninstallAsync(install, ct);
        else
            await InstallAsync(install, ct);
    }

    async Task InstallAsync(Install install, CancellationToken ct)
    {
        var begin = await apps.BeginAsync(install, ct);
        if (begin.App is not null)
            (install.AppName, install.PackageName, install.Version) = (
                begin.App.Name, begin.App.PackageName, begin.App.Version);
        if (begin is { Outcome: "pending", App: { } app })
        {
            install.IsBegun = true;
            await BringAsync(install, app, ct);
            Settle(install, InstallStatus.Installed, null);
        }
        else
        {
            var isThere = begin.Outcome == "installed";
            var status = isThere ? InstallStatus.Installed : InstallStatus.Failed;
            Settle(install, status, isThere ? null : Reason(begin.Outcome));
        }
    }

    async Task BringAsync(Install install, AppToInstall app, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await progress.BeginAsync(install, InstallStep.Downloading, ct);
            await using var apk = apps.OpenFile(app, progress.Of(install, app.Size, ct));
            await phones.Of(install.DeviceId).InstallAsync(new(app.Sha256, app.Size), apk, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new IOException($"It took longer than {Limit.TotalMinutes:0} minutes.");
        }
    }

    /// <summary>The app service is told of it whether it knows of the app or not.</summary>
    async Task UninstallAsync(Install install, CancellationToken ct)
    {
        await progress.BeginAsync(install, InstallStep.Uninstalling, ct);
        await phones.Of(install.DeviceId).UninstallAsync(install.PackageName!, ct);
        install.IsBegun = true;
        Settle(install, InstallStatus.Uninstalled, null);
    }

    static string Reason(string outcome) => outcome switch
    {
        "unknown-app" => "There is no such app.",
        "older" => "The phone has a newer version of the app.",
        "not-newer" => "There is no newer version of the app.",
        _ => "The app is not available.",
    };

    void Settle(Install install, InstallStatus status, string? error)
    {
        (install.Status, install.Error, install.Attempts) = (status, Short(error), 0);
        progress.Forget(install);
    }

    static string? Short(string? error) => error?[..Math.Min(error.Length, 500)];

    /// <summary>The result is in the database before it is told: a crash between the two tells it again.</summary>
    DateTimeOffset? AfterResult(Install install) => install.IsBegun ? clock.GetUtcNow() : null;

    /// <summary>An install is given up after some tries; its result is told until the app service has taken
    /// it.</summary>
    DateTimeOffset? TryLater(Install install, Exception e)
    {
        Failed(log, install.Id, install.DeviceId, install.Attempts, e.Message);
        var isHopeless = e is InstallRefusedException { IsPermanent: true } || install.Attempts >= MaxAttempts;
        if (install.Status == InstallStatus.Pending && isHopeless)
        {
            Settle(install, InstallStatus.Failed, e.Message);
            return AfterResult(install);
        }
        if (install.Status == InstallStatus.Pending)
        {
            install.Error = Short(e.Message);
            progress.Forget(install);
        }
        return clock.GetUtcNow() + PauseAfter(install.Attempts);
    }

    [LoggerMessage(1, LogLevel.Warning, "Install {Install} on device {Device} failed at try {Try}: {Reason}")]
    static partial void Failed(ILogger log, Guid install, Guid device, int @try, string reason);
}
