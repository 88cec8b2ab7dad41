using CloudPhone.Devices.Operations;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>Removes at start, once, helpers of copies whose process died. Another replica's copy may be going on: none
/// takes longer than a copy may.</summary>
sealed class HelperSweep(DockerCopies copies, TimeProvider clock) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        copies.RemoveOldHelpersAsync(clock.GetUtcNow() - OperationItem.CopyPatience, stoppingToken);
}
