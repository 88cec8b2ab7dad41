using CloudPhone.Devices.Adb.Shell;
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
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    public static void MapShell(this RouteGroupBuilder phone) =>
        phone.MapPost("/shell", Run).WithName("RunInDevice")
            .WithSummary("Runs one of the commands that are allowed in a phone's shell.")
            .ProducesProblem(400).ProducesProblem(403);

    static async Task<Results<Ok<ShellAnswer>, ProblemHttpResult>> Run(
        Guid id, ShellRequest request, CurrentUser user, PhoneCalls calls, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(request.Command))
            return Problems.BadRequest("bad-request", "command says what is to be run.");
        var args = request.Args ?? [];
        if (args.Any(a => a is null))
            return Problems.BadRequest("bad-request", "args are texts.");
        var changes = ShellRules.Find(request.Command, args);
        return await calls.CallAsync<Ok<ShellAnswer>>(id, user, Limit, async (call, end) =>
        {
            if (changes is null)
                return Problems.Forbidden("command-not-allowed",
                    "This command, or one of its arguments, is not among those that are allowed.");
            var line = string.Join(' ', args.Select(AdbShell.Quote).Prepend(request.Command));
            if (changes == true)
                await call.RecordAsync(Acts.Shell, $"{request.Command} {string.Join(' ', args)}", end);
            var result = await call.Phone.RunAsync(line, end);
            return TypedResults.Ok(
                new ShellAnswer(result.ExitCode, result.Text, result.ErrorText, result.IsTruncated));
        }, ct);
    }
}
