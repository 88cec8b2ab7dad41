using CloudPhone.Adb.Shell;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Phones.Screen;

/// <param name="Orientation"><c>portrait</c>, <c>landscape</c>, <c>reverse-portrait</c> or
/// <c>reverse-landscape</c>.</param>
sealed record RotateRequest(string Orientation);

static class Rotation
{
    /// <summary>In the order of Android's numbers.</summary>
    static readonly string[] Orientations = ["portrait", "landscape", "reverse-portrait", "reverse-landscape"];

    public static void MapRotation(this RouteGroupBuilder phone) =>
        phone.MapPost("/rotate", Turn).WithName("RotateDevice").WithSummary("Turns a phone, and keeps it so.")
            .ProducesProblem(400);

    static async Task<Results<NoContent, ProblemHttpResult>> Turn(
        Guid id, RotateRequest request, CurrentUser user, PhoneCalls calls, CancellationToken ct)
    {
        var number = Array.IndexOf(Orientations, request.Orientation);
        var wrong = number >= 0 ? null
            : Problems.BadRequest("bad-request", $"orientation is one of {string.Join(", ", Orientations)}.");
        return await calls.CallAsync<NoContent>(id, user, wrong, PhoneCalls.ShortLimit, async (call, end) =>
        {
            await call.RecordAsync(Acts.Rotated, request.Orientation, end);
            await call.Phone.DoAsync("settings put system accelerometer_rotation 0"
                + $" && settings put system user_rotation {number}", end);
            return TypedResults.NoContent();
        }, ct);
    }
}
