using CloudPhone.Adb;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Phones.Screen;

static class Screenshot
{
    /// <summary>Of a screen of 4 K in full colour, with room.</summary>
    const int MaxBytes = 32 << 20;
    static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    public static void MapScreenshot(this RouteGroupBuilder phone) =>
        phone.MapGet("/screenshot", Take).WithName("TakeScreenshot").WithSummary("What is on a phone's screen now.")
            .Produces(200, contentType: "image/png");

    static Task<Results<FileContentHttpResult, ProblemHttpResult>> Take(
        Guid id, CurrentUser user, PhoneCalls calls, HttpResponse response, CancellationToken ct) =>
        calls.CallAsync<FileContentHttpResult>(id, user, null, PhoneCalls.ShortLimit, async (call, end) =>
        {
            await using var stream = await call.Phone.OpenAsync("exec:screencap -p", end);
            using var png = new MemoryStream();
            var buffer = new byte[AdbHeader.MaxPayload];
            for (int n; (n = await stream.ReadAsync(buffer, end)) > 0;)
                if (png.Length + n <= MaxBytes)
                    png.Write(buffer, 0, n);
                else
                    throw new AdbException(AdbFault.Refused, "The phone's picture is too large.");
            if (!png.GetBuffer().AsSpan(0, (int)png.Length).StartsWith(Signature))
                throw new AdbException(AdbFault.Refused, "The phone gave no picture.");
            response.Headers.CacheControl = "no-store";
            return TypedResults.File(png.ToArray(), "image/png");
        }, ct);
}
