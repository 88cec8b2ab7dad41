using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Api;

static class ReadDevices
{
    public static void MapReadDevices(this RouteGroupBuilder devices)
    {
        devices.MapGet("/", List).WithName("ListDevices")
            .WithSummary("The caller's phones, newest first, by tag, state, or part of the name; operators see all.")
            .ProducesProblem(400);
        devices.MapGet("/list", List).ExcludeFromDescription();
        devices.MapGet("/{id:guid}", Get).WithName("GetDevice").WithSummary("One phone.").ProducesProblem(404)
            .RequireAuthorization(Policies.UserOrService);
        devices.MapGet("/user/{userId:guid}", ListOfUser).WithName("ListDevicesOfUser")
            .WithSummary("A user's phones: for the user, operators and services.").ProducesProblem(404)
            .RequireAuthorization(Policies.UserOrService);
    }

    /// <summary>Of a user's own phones, or of all for operators and services.</summary>
    public static IQueryable<Device> VisibleTo(this IQueryable<Device> devices, CurrentUser user) =>
        user.IsOperator || user.IsService ? devices : devices.Where(d => d.UserId == user.Id);

    static async Task<Results<Ok<Page<DeviceView>>, ProblemHttpResult>> List(
        PageRequest page, [AsParameters] DeviceFilter filter, CurrentUser user, DeviceDb db, CancellationToken ct) =>
        filter.Check() is { } wrong ? Problems.BadRequest("bad-request", wrong)
            : TypedResults.Ok((await filter.Of(db.Devices.VisibleTo(user)).ToPageAsync(page, ct))
                .Select(DeviceView.Of));

    static async Task<Results<Ok<DeviceView>,
    ProblemHttpResult>> Get(Guid id, CurrentUser user, DeviceDb db, CancellationToken ct) =>
        await db.Devices.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, ct) is { } device
            ? TypedResults.Ok(DeviceView.Of(device)) : Problems.NotFound("device");

    static async Task<Results<Ok<Page<DeviceView>>, ProblemHttpResult>> ListOfUser(
        Guid userId, PageRequest page, CurrentUser user, DeviceDb db, CancellationToken ct) =>
        user.MaySee(userId)
            ? TypedResults.Ok((await db.Devices.Where(d => d.UserId == userId).ToPageAsync(page, ct))
                .Select(DeviceView.Of))
            : Problems.NotFound("user");
}
