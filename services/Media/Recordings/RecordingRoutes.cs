using CloudPhone.Media.Sessions;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Media.Recordings;

static class RecordingRoutes
{
    const string ContentType = "video/mp4";

    public static void MapRecordings(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/media/recordings").WithTags("Media");
        all.MapPost("/", BeginAsync).WithName("BeginRecording")
            .WithSummary("Records a session of the caller's own; where it is recorded already, tells of that.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(404).ProducesProblem(409)
            .ProducesProblem(507);
        all.MapGet("/", ListAsync).WithName("ListRecordings")
            .WithSummary("The caller's recordings, newest first; operators see all.")
            .ProducesProblem(400).ProducesProblem(401);
        all.MapGet("/{id:guid}", GetAsync).WithName("GetRecording").WithSummary("One recording.")
            .ProducesProblem(401).ProducesProblem(404);
        all.MapPost("/{id:guid}/stop", StopAsync).WithName("StopRecording")
            .WithSummary("Ends a recording; the session goes on.").ProducesProblem(401).ProducesProblem(404);
        all.MapGet("/{id:guid}/file", DownloadAsync).WithName("DownloadRecording")
            .WithSummary("The film, an MP4; ranges of it on demand.").Produces(200, contentType: ContentType)
            .ProducesProblem(401).ProducesProblem(404).ProducesProblem(409);
        all.MapDelete("/{id:guid}", DeleteAsync).WithName("DeleteRecording")
            .WithSummary("Deletes a recording and its film; one that runs ends.")
            .ProducesProblem(401).ProducesProblem(404);
    }

    static IQueryable<Recording> VisibleTo(this IQueryable<Recording> recordings, CurrentUser user) =>
        user.IsOperator ? recordings : recordings.Where(r => r.UserId == user.Id);

    static Task<Recording?> FindAsync(MediaDb db, CurrentUser user, Guid id, CancellationToken ct) =>
        db.Recordings.AsNoTracking().VisibleTo(user).SingleOrDefaultAsync(r => r.Id == id, ct);

    static async Task<Results<Created<RecordingView>, Ok<RecordingView>, ProblemHttpResult>> BeginAsync(
        NewRecording request, CurrentUser user, LiveSessions sessions, LiveRecordings live, RecordingOptions options,
        MediaDb db, CancellationToken ct)
    {
        if (sessions.Find(request.SessionId) is not { } session || session.IsGuest || session.Claim.UserId != user.Id)
            return Problems.NotFound("session");
        if (options.Folder is null)
            return Problems.Conflict("no-recordings", "This service keeps no recordings: it has no folder for them.");
        if (!options.HasRoom)
            return Problems.Of(507, "disk-full", "The disk for recordings is full at the moment.");
        if (await live.BeginAsync(session, user.Id, ct) is not var (id, isNew))
            return Problems.Conflict("too-many-recordings", $"At most {options.PerUser} recordings of "
                + $"{options.MaxBytesPerUser >> 20} MB together are kept; delete one of them.");
        if (await FindAsync(db, user, id, ct) is not { } row)
            return Problems.NotFound("recording");
        var view = RecordingView.Of(row, live.Find(id));
        return isNew ? TypedResults.Created($"/api/media/recordings/{id}", view) : TypedResults.Ok(view);
    }

    static async Task<Ok<Page<RecordingView>>> ListAsync(
        PageRequest page, CurrentUser user, MediaDb db, LiveRecordings live, CancellationToken ct) =>
        TypedResults.Ok((await db.Recordings.VisibleTo(user).ToPageAsync(page, ct))
            .Select(r => RecordingView.Of(r, live.Find(r.Id))));

    static async Task<Results<Ok<RecordingView>, ProblemHttpResult>> GetAsync(
        Guid id, CurrentUser user, MediaDb db, LiveRecordings live, CancellationToken ct) =>
        await FindAsync(db, user, id, ct) is { } row ? TypedResults.Ok(RecordingView.Of(row, live.Find(id)))
            : Problems.NotFound("recording");

    static async Task<Results<Ok<RecordingView>, ProblemHttpResult>> StopAsync(
        Guid id, CurrentUser user, MediaDb db, LiveRecordings live, CancellationToken ct)
    {
        if (await FindAsync(db, user, id, ct) is not { } row)
            return Problems.NotFound("recording");
        if (live.Find(id) is { } running)
        {
            running.Stop(StopReasons.Stopped);
            await running.Done.WaitAsync(ct);
        }
        else if (row.EndedAt is null) // another replica has it, which ends it within seconds
        {
            await db.InTransactionAsync(() => db.Recordings.Where(r => r.Id == id && r.EndedAt == null)
                .ExecuteUpdateAsync(r => r.SetProperty(e => e.EndReason, StopReasons.Stopped), ct), ct);
        }
        return await GetAsync(id, user, db, live, ct);
    }

    static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> DownloadAsync(
        Guid id, CurrentUser user, MediaDb db, RecordingOptions options, CancellationToken ct)
    {
        if (await FindAsync(db, user, id, ct) is not { } row)
            return Problems.NotFound("recording");
        if (row.EndedAt is null)
            return Problems.Conflict("wrong-state", "It is still recorded; stop it first.");
        return row.Bytes == 0 || !File.Exists(options.PathOf(id)) ? Problems.NotFound("film")
            : TypedResults.PhysicalFile(options.PathOf(id), ContentType, $"screen-{row.StartedAt:yyyyMMdd-HHmmss}.mp4",
                row.EndedAt, new($"\"{id:N}-{row.Bytes}\""), enableRangeProcessing: true);
    }

    /// <summary>One that another replica has ends there, within seconds, and takes its file along.</summary>
    static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid id, CurrentUser user, MediaDb db, RecordingBook book, LiveRecordings live, CancellationToken ct)
    {
        if (await FindAsync(db, user, id, ct) is null)
            return Problems.NotFound("recording");
        await book.DeleteAsync([id], ct);
        if (live.Find(id) is { } running)
        {
            running.Discard();
            await running.Done.WaitAsync(ct);
        }
        book.DeleteFile(id);
        return TypedResults.NoContent();
    }
}
