using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Http;

namespace CloudPhone.Devices.Placement;

/// <param name="Outcome"><c>placed</c>, <c>no-capacity</c>, <c>no-reservation</c>, <c>reservation-not-ready</c> or
/// <c>reservation-differs</c>.</param>
/// <param name="ReservationState">Of one that is not ready.</param>
sealed record PlacementAnswer(string Outcome, Guid? NodeId, string? NodeName, string? ReservationState = null);

/// <summary>Asks the scheduler for room on a node.</summary>
sealed class Placements([FromKeyedServices(AppIds.Scheduler)] Sibling scheduler)
{
    /// <exception cref="SiblingUnavailableException">The scheduler is away.</exception>
    public async Task<PlacementAnswer> PlaceAsync(Device d, CancellationToken ct) =>
        await scheduler.PostAsync<PlacementAnswer>(
            "/internal/placements/place", new { DeviceId = d.Id, d.UserId, d.CpuCores, d.MemoryGB, d.ReservationId },
            $"place-{d.Id}", ct)
        ?? throw new SiblingUnavailableException(AppIds.Scheduler, null);

    /// <summary>Asks for room on another node; asked again, it is the same.</summary>
    /// <returns>Null where there is none: the phone keeps the room that it has.</returns>
    /// <exception cref="SiblingUnavailableException">The scheduler is away.</exception>
    public async Task<PlacementAnswer?> MoveAsync(Device d, CancellationToken ct) =>
        await scheduler.PostAsync<PlacementAnswer>("/internal/placements/move",
            new { DeviceId = d.Id, FromNodeId = d.NodeId }, $"move-{d.Id}-{d.NodeId}-{d.Version}", ct)
            is { Outcome: "moved" } moved ? moved : null;

    sealed record UnfitNodes(IReadOnlyList<string> Names);

    /// <summary>The nodes that would take phones if their machines could run any.</summary>
    /// <exception cref="SiblingUnavailableException">The scheduler is away.</exception>
    public async Task<IReadOnlyList<string>> UnfitNodesAsync(CancellationToken ct) =>
        (await scheduler.GetAsync<UnfitNodes>("/internal/nodes/unfit", ct))?.Names ?? [];

    /// <summary>Gives the room back; doing so again changes nothing.</summary>
    /// <exception cref="SiblingUnavailableException">The scheduler is away.</exception>
    public Task ReleaseAsync(Device d, CancellationToken ct) =>
        scheduler.PostAsync<object>("/internal/placements/release", new { DeviceId = d.Id }, $"release-{d.Id}", ct);
}
