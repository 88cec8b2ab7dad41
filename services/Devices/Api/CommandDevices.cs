using CloudPhone.Devices.Actors;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Api;

/// <param name="OperationId">What tells when the phone has got there.</param>
sealed record DeviceAnswer(DeviceView Device, Guid OperationId);

static class CommandDevices
{
    public static void MapCommandDevices(this RouteGroupBuilder devices)
    {
        foreach (var trigger in new[] { Trigger.Start, Trigger.Stop, Trigger.Restart })
            devices.MapPost($"/{{id:guid}}/{trigger.ToString().ToLowerInvariant()}",
                    (Guid id, CurrentUser user, DeviceDb db, PhoneCommands commands, ResourceIds ids,
                        CancellationToken ct) => Handle(id, trigger, user, db, commands, ids, ct))
                .WithName($"{trigger}Device")
                .WithSummary($"{trigger}s a phone; the answer shows the state on the way there.")
                .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        devices.MapDelete("/{id:guid}", Delete).WithName("DeleteDevice")
            .WithSummary("Removes a phone with its data; the header Location names the operation that tells its end.")
            .ProducesProblem(404).ProducesProblem(503);
    }

    static async Task<Results<Accepted<DeviceAnswer>, ProblemHttpResult>> Handle(
        Guid id, Trigger trigger, CurrentUser user, DeviceDb db, PhoneCommands commands, ResourceIds ids,
        CancellationToken ct)
    {
        var operationId = ids.New();
        if (await CallAsync(id, trigger, user, operationId, db, commands, ct) is { } problem)
            return problem;
        var device = await db.Devices.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct);
        return device is null ? Problems.NotFound("device")
            : TypedResults.Accepted($"/api/devices/{id}", new DeviceAnswer(DeviceView.Of(device), operationId));
    }

    /// <summary>There is no body to tell the operation in, so the header Location does.</summary>
    static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, CurrentUser user, DeviceDb db, PhoneCommands commands, ResourceIds ids, HttpResponse response,
        CancellationToken ct)
    {
        var operationId = ids.New();
        if (await CallAsync(id, Trigger.Delete, user, operationId, db, commands, ct) is { } problem)
            return problem;
        response.Headers.Location = $"/api/devices/operations/{operationId}";
        return TypedResults.NoContent();
    }

    static async Task<ProblemHttpResult?> CallAsync(
        Guid id, Trigger trigger, CurrentUser user, Guid operationId, DeviceDb db, PhoneCommands commands,
        CancellationToken ct)
    {
        if (!await db.Devices.VisibleTo(user).AnyAsync(d => d.Id == id, ct))
            return Problems.NotFound("device");
        try
        {
            return await commands.GiveAsync(id, trigger, user.Id, operationId, ct);
        }
        catch (ActorsUnavailableException e)
        {
            return Problems.Unavailable("unavailable", e.Message);
        }
    }
}
