using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;

namespace CloudPhone.Apps.Installs;

/// <summary>One try to hand a pre-install to the device service, which takes an install id once.</summary>
sealed class Preinstall(Outbox outbox, [FromKeyedServices(AppIds.Devices)] Sibling devices, TimeProvider clock)
{
    static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    /// <exception cref="SiblingUnavailableException">It is to be tried again. So for the other.</exception>
    /// <exception cref="SiblingRefusedException">As long as there is hope.</exception>
    public async Task TryAsync(Install install, CancellationToken ct)
    {
        try
        {
            // a refusal is kept under its key: another try is another request
            var accepted = await devices.PostAsync<Accepted>($"/api/devices/{install.DeviceId}/install",
                new { install.AppId, InstallId = install.Id }, $"preinstall-{install.Id}-{install.Attempts}", ct);
            if (accepted is null)
                install.HiddenAt = End(install, InstallChanges.PhoneDeleted);
        }
        catch (SiblingRefusedException e) when (clock.GetUtcNow() - install.CreatedAt >= GiveUpAfter)
        {
            var reason = InstallChanges.Clip(e.Problem?.Detail ?? "The phone takes no apps.");
            outbox.Add(InstallChanges.Failed(install, reason, End(install, reason)));
        }
    }

    DateTimeOffset End(Install install, string reason)
    {
        var now = clock.GetUtcNow();
        (install.Status, install.Error, install.FinishedAt) = (InstallStatus.Failed, reason, now);
        return now;
    }

    sealed record Accepted(Guid InstallId);
}
