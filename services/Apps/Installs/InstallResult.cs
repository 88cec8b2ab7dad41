using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Installs;

/// <param name="Outcome"><c>installed</c> or <c>failed</c>.</param>
sealed record ResultRequest(Guid InstallId, string Outcome, string? Error = null);

/// <param name="Outcome"><c>recorded</c>, or <c>unknown</c> for an install that never began.</param>
sealed record ResultAnswer(string Outcome);

/// <summary>
/// The device service tells how it went. The first result counts and is published; repetitions change nothing.
/// </summary>
static class InstallResult
{
    public static void MapInstallResult(this RouteGroupBuilder siblings) =>
        siblings.MapPost("/installs/result", Handle);

    static async Task<Results<Ok<ResultAnswer>, ProblemHttpResult>> Handle(
        ResultRequest request, AppDb db, Outbox outbox, TimeProvider clock, CancellationToken ct)
    {
        if (request.Outcome is not ("installed" or "failed"))
            return Problems.BadRequest("bad-request", "outcome is installed or failed.");
        return TypedResults.Ok(new ResultAnswer(await db.InTransactionAsync(async () =>
        {
            if (await db.Installs.AsNoTracking()
                .SingleOrDefaultAsync(i => i.Id == request.InstallId, ct) is not { } install)
                return "unknown";
            var now = clock.GetUtcNow();
            if (request.Outcome == "installed")
                await db.SucceedAsync(install, outbox, now, ct);
            else
                await db.FailAsync(install, Reason(request.Error), outbox, now, ct);
            await db.SaveChangesAsync(ct);
            return "recorded";
        }, ct)));
    }

    static string Reason(string? error) =>
        InstallChanges.Clip(error is { Length: > 0 } ? error : "The phone gave no reason.");
}
