using CloudPhone.Adb.Screen;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Phones.Screen;

static class Screenshot
{
    /// <summary>Of a screen of 4 K in full colour, with room.</summary>
    const int MaxBytes = 32 << 20;

    public static void MapScreenshot(this RouteGroupBuilder phone) =>
        phone.MapGet("/screenshot", Take).WithName("TakeScreenshot").WithSummary("What is on a phone's screen now.")
            .Produces(200, contentType: "image/png");

    static Task<Results<FileContentHttpResult, ProblemHttpResult>> Take(
        Guid id, CurrentUser user, PhoneCalls calls, HttpResponse response, CancellationToken ct) =>
        calls.CallAsync<FileContentHttpResult>(id, user, null, PhoneCalls.ShortLimit, async (call, end) =>
        {
            var png = await call.Phone.TakeAsync(MaxBytes, end);
            response.Headers.CacheControl = "no-store";
            return TypedResults.File(png, "image/png");
        }, ct);
}
