using CloudPhone.Devices.Actors;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Api;

static class CommandDevices
{
    public static void MapCommandDevices(this RouteGroupBuilder devices)
    {
        foreach (var trigger in new[] { Trigger.Start, Trigger.Stop, Trigger.Restart })
            devices.MapPost($"/{{id:guid}}/{trigger.ToString().ToLowerInvariant()}",
                    (Guid id, CurrentUser user, DeviceDb db, DeviceActors actors, CancellationToken ct) =>
                        Handle(id, trigger, user, db, actors, ct))
                .WithName($"{trigger}Device")
                .WithSummary($"{trigger}s a phone; the answer shows the state on the way there.")
                .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        devices.MapDelete("/{id:guid}", Delete).WithName("DeleteDevice").WithSummary("Removes a phone with its data.")
            .ProducesProblem(404).ProducesProblem(503);
    }

    static async Task<Results<Accepted<DeviceAnswer>, ProblemHttpResult>> Handle(
        Guid id, Trigger trigger, CurrentUser user, DeviceDb db, DeviceActors actors, CancellationToken ct)
    {
        if (await CallAsync(id, trigger, user, db, actors, ct) is { } problem)
            return problem;
        var device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct);
        return device is null ? Problems.NotFound("device")
            : TypedResults.Accepted($"/api/devices/{id}", new DeviceAnswer(DeviceView.Of(device)));
    }

    static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, CurrentUser user, DeviceDb db, DeviceActors actors, CancellationToken ct) =>
        await CallAsync(id, Trigger.Delete, user, db, actors, ct) is { } problem ? problem : TypedResults.NoContent();

    static async Task<ProblemHttpResult?> CallAsync(
        Guid id, Trigger trigger, CurrentUser user, DeviceDb db, DeviceActors actors, CancellationToken ct)
    {
        var owner = await db.Devices.VisibleTo(user).Where(d => d.Id == id).Select(d => (Guid?)d.UserId)
            .SingleOrDefaultAsync(ct);
        if (owner is null)
            return Problems.NotFound("device");
        if (trigger is Trigger.Start or Trigger.Restart && await db.RefusalAsync(owner.Value, ct) is { } refused)
            return refused;
        try
        {
            var answer = await actors.CommandAsync(
                id, trigger, owner == user.Id ? StopReasons.User : StopReasons.Operator, ct);
            return answer switch
            {
                { Outcome: "done" } => null,
                { Outcome: "not-found" } => Problems.NotFound("device"),
                _ => Problems.Of(409, "wrong-state",
                    $"The phone is {Word(answer.Status)}: it can't {Word(trigger)} now.",
                    ("deviceStatus", Word(answer.Status))),
            };
        }
        catch (ActorsUnavailableException e)
        {
            return Problems.Unavailable("unavailable", e.Message);
        }
    }

    static string Word<T>(T value) => $"{value}".ToLowerInvariant();
}
