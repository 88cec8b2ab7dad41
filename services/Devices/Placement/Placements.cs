using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Placement;

/// <param name="Outcome"><c>placed</c> or <c>no-capacity</c>.</param>
sealed record PlacementAnswer(string Outcome, Guid? NodeId, string? NodeName);

/// <summary>Asks the scheduler for room on a node.</summary>
sealed partial class Placements([FromKeyedServices(AppIds.Scheduler)] Sibling scheduler, ILogger<Placements> log)
{
    /// <exception cref="SiblingUnavailableException">The scheduler is away.</exception>
    public async Task<PlacementAnswer> PlaceAsync(Device d, CancellationToken ct) =>
        await scheduler.PostAsync<PlacementAnswer>(
            "/internal/placements/place", new { DeviceId = d.Id, d.UserId, d.CpuCores, d.MemoryGB }, $"place-{d.Id}",
            ct)
        ?? throw new SiblingUnavailableException(AppIds.Scheduler, null);

    /// <summary>Gives the room back at once. Where that fails the scheduler frees it itself: no device.created ever
    /// claims it.</summary>
    public async Task ReleaseAsync(Device d, CancellationToken ct)
    {
        try
        {
            await scheduler.PostAsync<object>(
                "/internal/placements/release", new { DeviceId = d.Id }, $"release-{d.Id}", ct);
        }
        catch (Exception e) when (e is SiblingUnavailableException or SiblingRefusedException)
        {
            NotReleased(log, d.Id, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The placement of device {Device} is left to expire: {Reason}")]
    static partial void NotReleased(ILogger log, Guid device, string reason);
}
