using CloudPhone.Apps.Catalogue;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Review;

/// <param name="Reason">For who reads the history, and for who uploaded it.</param>
sealed record Decision(string? Reason = null);

/// <summary>
/// An operator decides about a version. Of two at once one does, and the other is told how it stands.
/// </summary>
static class ReviewVersion
{
    public static async Task<Results<Ok<VersionView>, ProblemHttpResult>> Approve(
        Guid id, Guid versionId, AppDb db, AppOptions options, CurrentUser user, TimeProvider clock,
        CancellationToken ct)
    {
        if (await FindAsync(id, versionId, db, ct) is not { } version)
            return Problems.NotFound("version");
        var isOwn = version.UploadedBy == user.Id;
        return version.Status switch
        {
            ReviewStatus.Approved => TypedResults.Ok(VersionView.Of(version)),
            ReviewStatus.PendingReview when isOwn => OwnUpload(),
            // who withdrew it had a reason, which is not for who uploaded it to set aside
            ReviewStatus.Withdrawn when isOwn && options.NeedsReview => OwnUpload(),
            ReviewStatus.PendingReview or ReviewStatus.Withdrawn =>
                await MoveAsync(version, ReviewStatus.Approved, null, db, user, clock, ct),
            _ => Wrong(version),
        };
    }

    public static async Task<Results<Ok<VersionView>, ProblemHttpResult>> Reject(
        Guid id, Guid versionId, Decision body, AppDb db, CurrentUser user, TimeProvider clock, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(body.Reason))
            return Problems.BadRequest("bad-request", "A rejection has a reason.");
        if (Check(body.Reason) is { } bad)
            return bad;
        if (await FindAsync(id, versionId, db, ct) is not { } version)
            return Problems.NotFound("version");
        return version.Status == ReviewStatus.PendingReview
            ? await MoveAsync(version, ReviewStatus.Rejected, body.Reason.Trim(), db, user, clock, ct)
            : Wrong(version);
    }

    public static async Task<Results<Ok<VersionView>, ProblemHttpResult>> Withdraw(
        Guid id, Guid versionId, Decision body, AppDb db, CurrentUser user, TimeProvider clock, CancellationToken ct)
    {
        if (Check(body.Reason) is { } bad)
            return bad;
        if (await FindAsync(id, versionId, db, ct) is not { } version)
            return Problems.NotFound("version");
        return version.Status switch
        {
            ReviewStatus.Withdrawn => TypedResults.Ok(VersionView.Of(version)),
            ReviewStatus.Approved =>
                await MoveAsync(version, ReviewStatus.Withdrawn, body.Reason?.Trim(), db, user, clock, ct),
            _ => Wrong(version),
        };
    }

    static Task<AppVersion?> FindAsync(Guid id, Guid versionId, AppDb db, CancellationToken ct) =>
        db.Versions.Where(v => v.Id == versionId && v.AppId == id)
            .Join(db.Apps.Live(), v => v.AppId, a => a.Id, (v, _) => v).AsNoTracking().SingleOrDefaultAsync(ct);

    static async Task<Results<Ok<VersionView>, ProblemHttpResult>> MoveAsync(
        AppVersion version, ReviewStatus to, string? reason, AppDb db, CurrentUser user, TimeProvider clock,
        CancellationToken ct)
    {
        var from = version.Status;
        return await db.InTransactionAsync(async () =>
        {
            if (await db.Versions.Where(v => v.Id == version.Id && v.Status == from)
                .ExecuteUpdateAsync(s => s.SetProperty(v => v.Status, to), ct) != 1)
                return false;
            version.Status = to;
            db.Add(ReviewEntry.Of(version, user.Id, user.Username, clock.GetUtcNow(),
                reason is { Length: > 0 } ? reason : null));
            await db.SaveChangesAsync(ct);
            return true;
        }, ct) ? TypedResults.Ok(VersionView.Of(version))
            : Problems.Conflict("concurrent-change", "Somebody else decided about this version at the same time.");
    }

    static ProblemHttpResult OwnUpload() =>
        Problems.Forbidden("own-upload", "Another operator than the one who uploaded it approves it.");

    static ProblemHttpResult? Check(string? reason) =>
        reason?.Length > ReviewEntry.MaxReason || reason?.Any(c => char.IsControl(c) && c != '\n') == true
            ? Problems.BadRequest("bad-request",
                $"reason has at most {ReviewEntry.MaxReason} characters, none of them a control character.")
            : null;

    static ProblemHttpResult Wrong(AppVersion version) => Problems.Conflict(
        "wrong-state", version.Status switch
        {
            ReviewStatus.PendingReview => "This version waits for its review: approve or reject it.",
            ReviewStatus.Rejected => "This version was rejected: upload what is mended as another one.",
            ReviewStatus.Withdrawn => "This version is withdrawn.",
            _ => "This version is approved: withdraw it instead.",
        });
}
