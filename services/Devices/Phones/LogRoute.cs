using System.Globalization;
using CloudPhone.Adb;
using CloudPhone.Adb.Shell;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Phones;

static class LogRoute
{
    const int DefaultLines = 200;
    const int MaxLines = 2000;

    public static void MapLogs(this RouteGroupBuilder phone) =>
        phone.MapGet("/logs", Read).WithName("ReadDeviceLogs")
            .WithSummary("The last lines of a phone's system log, oldest first.")
            .Produces<string>(200, "text/plain").ProducesProblem(400);

    /// <param name="lines">How many at most, 1 to 2000; 200 unless given.</param>
    /// <param name="since">Only what is newer.</param>
    static async Task<Results<ContentHttpResult, ProblemHttpResult>> Read(
        Guid id, int? lines, DateTimeOffset? since, CurrentUser user, PhoneCalls calls, CancellationToken ct)
    {
        var count = lines ?? DefaultLines;
        var wrong = count is < 1 or > MaxLines
            ? Problems.BadRequest("bad-request", $"lines is a whole number from 1 to {MaxLines}.")
            : since?.ToUnixTimeSeconds() < 0 ? Problems.BadRequest("bad-request", "since is a time after 1970.") : null;
        return await calls.CallAsync<ContentHttpResult>(id, user, wrong, PhoneCalls.ShortLimit, async (call, end) =>
        {
            var from = since is { } time
                ? string.Create(CultureInfo.InvariantCulture, $"-T {time.ToUnixTimeMilliseconds() / 1000m:0.000}")
                : $"-t {count}";
            var tail = new LogTail(count);
            await using var stream = await call.Phone.OpenAsync($"shell,v2,raw:logcat -d -v threadtime {from}", end);
            var reader = new ShellReader(stream);
            var buffer = new byte[AdbHeader.MaxPayload];
            while (await reader.ReadAsync(buffer, end) is (var part and not ShellPart.Exit, var n))
                if (part == ShellPart.Output)
                    tail.Add(buffer.AsSpan(0, n));
            return TypedResults.Text($"{tail}", "text/plain");
        }, ct);
    }
}
