using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <summary>One try to hand a pre-install to the device service, which takes an install id once.</summary>
sealed partial class Preinstall(
    AppDb db, Outbox outbox, [FromKeyedServices(AppIds.Devices)] Sibling devices, TimeProvider clock,
    ILogger<Preinstall> log)
{
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);
    static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    public async Task TryAsync(Install install, CancellationToken ct)
    {
        try
        {
            // a refusal is kept under its key: another try is another request
            var accepted = await devices.PostAsync<Accepted>($"/api/devices/{install.DeviceId}/install",
                new { install.AppId, InstallId = install.Id }, $"preinstall-{install.Id}-{install.Attempts}", ct);
            if (accepted is not null)
                await This(install).ExecuteUpdateAsync(
                    s => s.SetProperty(i => i.NextAttemptAt, (DateTimeOffset?)null), ct);
            else
                await This(install).CancelAsync(clock.GetUtcNow(), ct);
        }
        catch (SiblingUnavailableException e)
        {
            await LaterAsync(install, e.Message, ct);
        }
        catch (SiblingRefusedException e) when (clock.GetUtcNow() - install.CreatedAt < GiveUpAfter)
        {
            await LaterAsync(install, e.Message, ct);
        }
        catch (SiblingRefusedException e)
        {
            await db.InTransactionAsync(async () =>
            {
                var reason = e.Problem?.Detail ?? "The phone takes no apps.";
                await db.FailAsync(install, reason, outbox, clock.GetUtcNow(), ct);
                await db.SaveChangesAsync(ct);
            }, ct);
        }
    }

    IQueryable<Install> This(Install install) => db.Installs.Where(i => i.Id == install.Id);

    async Task LaterAsync(Install install, string reason, CancellationToken ct)
    {
        var attempts = install.Attempts + 1;
        var seconds = Math.Min(FirstPause.TotalSeconds * Math.Pow(2, Math.Min(install.Attempts, 20)),
            MaxPause.TotalSeconds);
        var next = clock.GetUtcNow() + TimeSpan.FromSeconds(seconds * (0.75 + (Random.Shared.NextDouble() / 4)));
        Waits(log, install.PackageName, install.DeviceId, attempts, reason);
        await This(install).Where(i => i.Status == InstallStatus.Pending && i.NextAttemptAt != null).ExecuteUpdateAsync(
            s => s.SetProperty(i => i.NextAttemptAt, next).SetProperty(i => i.Attempts, attempts), ct);
    }

    sealed record Accepted(Guid InstallId);

    [LoggerMessage(1, LogLevel.Warning, "{Package} waits to come onto device {Device} after try {Try}: {Reason}")]
    static partial void Waits(ILogger log, string package, Guid device, int @try, string reason);
}
