using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Supervision;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Health;

/// <summary>
/// Every five minutes each running phone is asked how it is. The sidecars of all replicas say when it is time; each
/// phone is one replica's.
/// </summary>
static class HealthRound
{
    /// <summary>What the sidecars say within so long is one and the same: their clocks differ a little.</summary>
    static readonly TimeSpan Same = TimeSpan.FromMinutes(4);

    /// <summary>The cron binding <c>check-phones</c> calls it.</summary>
    public static void MapHealthRound(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/cron/check-phones", RunAsync).RequireAuthorization(Policies.Sidecar).ExcludeFromDescription();

    static async Task<Ok> RunAsync(DeviceDb db, ResumeQueue queue, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond)); // as PostgreSQL keeps it
        var before = now - Same;
        await db.Devices
            .Where(d => d.Status == DeviceStatus.Running && (d.CheckedAt == null || d.CheckedAt < before))
            .ExecuteUpdateAsync(s => s.SetProperty(d => d.CheckedAt, now), ct);
        await foreach (var id in db.Devices.Where(d => d.CheckedAt == now).Select(d => d.Id)
            .AsAsyncEnumerable().WithCancellation(ct))
            queue.Add(id);
        return TypedResults.Ok();
    }
}
