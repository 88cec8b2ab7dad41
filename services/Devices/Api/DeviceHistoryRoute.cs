using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Api;

/// <param name="From">Null: it began to exist.</param>
/// <param name="To">Null: it is gone.</param>
/// <param name="Act">What <paramref name="ActorId"/> did within the phone; null: a change of state.</param>
sealed record HistoryView(
    DeviceStatus? From, DeviceStatus? To, Trigger? Trigger, string? Reason, DateTimeOffset At, long Version,
    string? RequestId, string? Act, Guid? ActorId);

static class DeviceHistoryRoute
{
    public static void MapDeviceHistory(this RouteGroupBuilder devices) =>
        devices.MapGet("/{id:guid}/history", List).WithName("ListDeviceHistory")
            .WithSummary("A phone's changes of state and what was done in it, newest first; they stay when it is gone.")
            .ProducesProblem(404);

    static async Task<Results<Ok<Page<HistoryView>>, ProblemHttpResult>> List(
        Guid id, PageRequest page, CurrentUser user, DeviceDb db, CancellationToken ct)
    {
        if (!await db.Devices.IgnoreQueryFilters().VisibleTo(user).AnyAsync(d => d.Id == id, ct))
            return Problems.NotFound("device");
        var history = await db.History.Where(h => h.DeviceId == id).ToPageAsync(page, ct);
        // two moves of one millisecond have ids in any order; what was done between them keeps its place
        history = history with { Items = [.. history.Items.OrderByDescending(h => h.Version)] };
        return TypedResults.Ok(history.Select(h =>
            new HistoryView(h.From, h.To, h.Trigger, h.Reason, h.At, h.Version, h.RequestId, h.Act,
                h.ActorId)));
    }
}
