using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Media.Sessions;

static class SessionRoutes
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var media = routes.MapGroup("/api/media").WithTags("Media");
        media.MapPost("/sessions", Opening.OpenAsync).WithName("OpenSession")
            .WithSummary("Shows a phone's screen: a browser's offer is answered.").Confidential()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        media.MapPost("/shared-sessions", Opening.OpenSharedAsync).WithName("OpenSharedSession").AllowAnonymous()
            .WithSummary("The same for whoever has a share's token.").Confidential()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
        media.MapGet("/sessions", ListAsync).WithName("ListSessions")
            .WithSummary("The caller's sessions, and those of guests at the caller's phones, newest first; operators "
                + "see all.").ProducesProblem(400).ProducesProblem(401);
        media.MapDelete("/sessions/{id:guid}", EndAsync).WithName("EndSession")
            .WithSummary("Ends a session: one's own, or one at one's own phone.")
            .ProducesProblem(401).ProducesProblem(404);
    }

    static IQueryable<StreamSession> VisibleTo(this IQueryable<StreamSession> sessions, CurrentUser user) =>
        user.IsOperator ? sessions : sessions.Where(s => s.UserId == user.Id || s.OwnerId == user.Id);

    static async Task<Ok<Page<SessionView>>> ListAsync(
        PageRequest page, CurrentUser user, MediaDb db, TimeProvider clock, CancellationToken ct) =>
        TypedResults.Ok((await db.Sessions.VisibleTo(user).ToPageAsync(page, ct))
            .Select(s => SessionView.Of(s, clock.GetUtcNow())));

    static async Task<Results<NoContent, ProblemHttpResult>> EndAsync(
        Guid id, CurrentUser user, MediaDb db, LiveSessions sessions, CancellationToken ct)
    {
        if (!await db.Sessions.VisibleTo(user).AnyAsync(s => s.Id == id, ct))
            return Problems.NotFound("session");
        if (sessions.Find(id) is { } live)
            sessions.End(live, EndReasons.Closed);
        else // where another replica has it, that one ends it within seconds
            await db.InTransactionAsync(() => db.Sessions.Where(s => s.Id == id && s.EndedAt == null)
                .ExecuteUpdateAsync(s => s.SetProperty(e => e.EndReason, EndReasons.Closed), ct), ct);
        return TypedResults.NoContent();
    }
}
