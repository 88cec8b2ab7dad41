using CloudPhone.Adb.Shell;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Devices.Phones.Shell;

/// <param name="Command">One of the commands that are allowed, without its arguments.</param>
sealed record ShellRequest(string Command, IReadOnlyList<string>? Args = null);

/// <param name="ExitCode">Null where it was broken off because it said too much.</param>
/// <param name="Truncated">It was.</param>
sealed record ShellAnswer(int? ExitCode, string Stdout, string Stderr, bool Truncated);

static class ShellRoute
{
    const int MaxCommand = 64;
    const int MaxArgs = 16;
    const int MaxArg = 2048;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    public static void MapShell(this RouteGroupBuilder phone) =>
        phone.MapPost("/shell", Run).WithName("RunInDevice")
            .WithSummary("Runs one of the commands that are allowed in a phone's shell.")
            .ProducesProblem(400).ProducesProblem(403);

    static async Task<Results<Ok<ShellAnswer>, ProblemHttpResult>> Run(
        Guid id, ShellRequest request, CurrentUser user, PhoneCalls calls, CancellationToken ct)
    {
        var args = request.Args ?? [];
        var changes = false;
        var wrong = request.Command is not { Length: > 0 and <= MaxCommand } || args.Count > MaxArgs
            || args.Any(a => a is not { Length: <= MaxArg })
            ? Problems.BadRequest("bad-request", $"command has 1 to {MaxCommand} characters, and there are at most "
                + $"{MaxArgs} args of {MaxArg} characters.")
            : ShellRules.IsAllowed(request.Command, args, out changes) ? null
            : Problems.Forbidden("command-not-allowed",
                "This command, or one of its arguments, is not among those that are allowed.");
        return await calls.CallAsync<Ok<ShellAnswer>>(id, user, wrong, Limit, async (call, end) =>
        {
            var line = string.Join(' ', args.Select(AdbShell.Quote).Prepend(request.Command));
            if (changes)
                await call.RecordAsync(Acts.Shell, $"{request.Command} {string.Join(' ', args)}", end);
            var result = await call.Phone.RunAsync(line, end);
            return TypedResults.Ok(
                new ShellAnswer(result.ExitCode, result.Text, result.ErrorText, result.IsTruncated));
        }, ct);
    }
}
