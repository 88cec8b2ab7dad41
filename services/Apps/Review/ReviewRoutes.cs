using CloudPhone.Apps.Catalogue;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Review;

/// <param name="Status">What the version was from then on.</param>
/// <param name="ByUserId">The operator; null for the platform itself.</param>
sealed record ReviewView(
    Guid Id, Guid AppId, Guid VersionId, ReviewStatus Status, Guid? ByUserId, string ByUsername, string? Reason,
    DateTimeOffset At)
{
    public static ReviewView Of(ReviewEntry e) => new(
        e.Id, e.AppId, e.VersionId, e.Status, e.ByUserId == Guid.Empty ? null : e.ByUserId, e.ByUsername, e.Reason,
        e.At);
}

static class ReviewRoutes
{
    public static void MapReviews(this RouteGroupBuilder operators)
    {
        operators.MapPost("/{id:guid}/versions/{versionId:guid}/approve", ReviewVersion.Approve)
            .WithName("ApproveAppVersion").ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Gives a version that waits, or was withdrawn, to users.");
        operators.MapPost("/{id:guid}/versions/{versionId:guid}/reject", ReviewVersion.Reject)
            .WithName("RejectAppVersion").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Refuses a version that waits, for a reason.");
        operators.MapPost("/{id:guid}/versions/{versionId:guid}/withdraw", ReviewVersion.Withdraw)
            .WithName("WithdrawAppVersion").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Takes a version out of new installs; phones keep it.");
        operators.MapGet("/{id:guid}/reviews", History).WithName("ListAppReviews").ProducesProblem(404)
            .WithSummary("Who decided what about an app's versions, last first.");
        operators.MapGet("/reviews", Waiting).WithName("ListWaitingAppVersions")
            .WithSummary("The versions that wait for a review, last uploaded first.");
    }

    static async Task<Results<Ok<Page<ReviewView>>, ProblemHttpResult>> History(
        Guid id, PageRequest page, AppDb db, CancellationToken ct) =>
        await db.Apps.AnyAsync(a => a.Id == id, ct)
            ? TypedResults.Ok(
                (await db.Reviews.Where(e => e.AppId == id).ToPageAsync(page, ct)).Select(ReviewView.Of))
            : Problems.NotFound("app");

    static async Task<Page<VersionView>> Waiting(PageRequest page, AppDb db, CancellationToken ct) =>
        (await db.Versions.Where(v => v.Status == ReviewStatus.PendingReview)
            .Join(db.Apps.Live(), v => v.AppId, a => a.Id, (v, _) => v).ToPageAsync(page, ct)).Select(VersionView.Of);
}
