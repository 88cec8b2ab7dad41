using CloudPhone.Adb.Screen;
using CloudPhone.Adb.Shell;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Phones.Screen;

/// <param name="Type"><c>tap</c>, <c>swipe</c>, <c>key</c> or <c>text</c>.</param>
/// <param name="X">Pixels from the left, of a tap and where a swipe begins.</param>
/// <param name="X2">Where a swipe ends.</param>
/// <param name="DurationMs">Of a swipe, 1 to 5000; 300 unless given.</param>
/// <param name="Key">Android's name of it, like <c>HOME</c>.</param>
/// <param name="Text">1 to 500 printable ASCII characters, which is what Android takes.</param>
sealed record InputRequest(
    string Type, int? X = null, int? Y = null, int? X2 = null, int? Y2 = null, int? DurationMs = null,
    string? Key = null, string? Text = null);

static class InputRoute
{
    const int MaxText = 500;
    const int MaxDuration = 5000;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    public static void MapInput(this RouteGroupBuilder phone) =>
        phone.MapPost("/input", Send).WithName("SendInput").WithSummary("Touches a phone's screen, or types.")
            .ProducesProblem(400).Confidential();

    static async Task<Results<NoContent, ProblemHttpResult>> Send(
        Guid id, InputRequest request, CurrentUser user, PhoneCalls calls, CancellationToken ct)
    {
        var wrong = Check(request) is { } why ? Problems.BadRequest("bad-request", why) : null;
        return await calls.CallAsync<NoContent>(id, user, wrong, Limit, async (call, end) =>
        {
            if (request.X is { } x && request.Type is "tap" or "swipe")
            {
                var size = await ScreenSize.OfAsync(call.Phone, end);
                if (!size.Has(x, request.Y!.Value) || !size.Has(request.X2 ?? x, request.Y2 ?? request.Y.Value))
                    return Problems.BadRequest("bad-request",
                        $"The screen has {size.Width}x{size.Height} pixels, counted from 0.");
            }
            await call.RecordAsync(Acts.Input, Detail(request), end);
            foreach (var line in Lines(request))
                await call.Phone.DoAsync(line, end);
            return TypedResults.NoContent();
        }, ct);
    }

    static string? Check(InputRequest r) => r.Type switch
    {
        "tap" => r is { X: not null, Y: not null, X2: null, Y2: null } ? null : "A tap has x and y.",
        "swipe" when r is not { X: not null, Y: not null, X2: not null, Y2: not null } =>
            "A swipe has x, y, x2 and y2.",
        "swipe" => r.DurationMs is null or (>= 1 and <= MaxDuration) ? null
            : $"durationMs is a whole number from 1 to {MaxDuration}.",
        "key" => r.Key is { } key && AndroidKeys.Codes.ContainsKey(key) ? null
            : $"key is one of {string.Join(", ", AndroidKeys.Codes.Keys)}.",
        "text" => r.Text is { Length: >= 1 and <= MaxText } text && text.All(c => c is >= ' ' and <= '~') ? null
            : $"text has 1 to {MaxText} printable ASCII characters.",
        _ => "type is tap, swipe, key or text.",
    };

    /// <summary>Without the text, which may be a password.</summary>
    static string Detail(InputRequest r) => r.Type switch
    {
        "tap" => $"tap {r.X} {r.Y}",
        "swipe" => $"swipe {r.X} {r.Y} {r.X2} {r.Y2}",
        "key" => $"key {r.Key}",
        _ => $"text of {r.Text!.Length} characters",
    };

    static IEnumerable<string> Lines(InputRequest r) => r.Type switch
    {
        "tap" => [$"input tap {r.X} {r.Y}"],
        "swipe" => [$"input swipe {r.X} {r.Y} {r.X2} {r.Y2} {r.DurationMs ?? 300}"],
        "key" => [$"input keyevent {AndroidKeys.Codes[r.Key!]}"],
        // Android takes %s for a space, so a text with these two letters goes in parts
        _ => r.Text!.Replace("%s", "%\0s", StringComparison.Ordinal).Split('\0').Select(part =>
            $"input text {AdbShell.Quote(part.Replace(" ", "%s", StringComparison.Ordinal))}"),
    };
}
