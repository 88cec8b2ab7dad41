using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Scheduler.Actions;

/// <param name="NextRunAt">Null: it is not enabled, has run, or its phones are gone.</param>
/// <param name="NextRuns">The next few, in the action's time zone.</param>
sealed record ActionView(
    Guid Id, Guid UserId, string? Name, ActionKind Action, Guid? AppId, string? SnapshotName,
    IReadOnlyList<Guid> DeviceIds, DateTimeOffset? RunAt, string? Cron, string? TimeZone, MissedRuns Missed,
    bool Enabled, DateTimeOffset? NextRunAt, IReadOnlyList<DateTimeOffset> NextRuns, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    const int Ahead = 5;

    public static ActionView Of(TimedAction a, IEnumerable<Guid> devices) => new(
        a.Id, a.UserId, a.Name, a.Kind, a.AppId, a.SnapshotName, [.. devices], a.RunAt, a.Cron, a.TimeZone, a.Missed,
        a.Enabled, a.NextRunAt,
        a.NextRunAt is { } next && Timetable.Read(a.RunAt, a.Cron, a.TimeZone, out _) is { } table
            ? [.. table.Next(next.AddTicks(-1), Ahead)] : [], a.CreatedAt, a.UpdatedAt);
}

/// <param name="Devices">How many phones were to do it.</param>
/// <param name="MissedBefore">How many moments before it were left out with it.</param>
sealed record RunView(
    Guid Id, DateTimeOffset DueAt, DateTimeOffset At, RunOutcome Outcome, int Devices, int MissedBefore);

sealed record Preview(IReadOnlyList<DateTimeOffset> NextRuns);

/// <summary>Reads of timed actions. Users see their own, operators all.</summary>
static class ActionViews
{
    const int MaxAhead = 50;

    public static void MapActionViews(this RouteGroupBuilder actions)
    {
        actions.MapGet("/", List).WithName("ListActions").WithSummary("Timed actions; operators see those of all.");
        actions.MapGet("/{id:guid}", Get).WithName("GetAction").WithSummary("One timed action.").ProducesProblem(404);
        actions.MapGet("/{id:guid}/runs", Runs).WithName("ListActionRuns").ProducesProblem(404)
            .WithSummary("What became of its moments so far, newest first.");
        actions.MapGet("/preview", Foresee).WithName("PreviewAction").ProducesProblem(400)
            .WithSummary("When a cron expression would be due next, for up to 50 times.");
    }

    public static IQueryable<TimedAction> VisibleTo(this IQueryable<TimedAction> actions, CurrentUser user) =>
        user.IsOperator ? actions : actions.Where(a => a.UserId == user.Id);

    static async Task<Page<ActionView>> List(
        PageRequest page, CurrentUser user, SchedulerDb db, CancellationToken ct)
    {
        var actions = await db.Actions.VisibleTo(user).ToPageAsync(page, ct);
        var ids = actions.Items.Select(a => a.Id).ToList();
        var devices = (await db.ActionDevices.AsNoTracking().Where(d => ids.Contains(d.ActionId)).ToListAsync(ct))
            .ToLookup(d => d.ActionId, d => d.DeviceId);
        return actions.Select(a => ActionView.Of(a, devices[a.Id]));
    }

    static async Task<Results<Ok<ActionView>, ProblemHttpResult>> Get(
        Guid id, CurrentUser user, SchedulerDb db, CancellationToken ct) =>
        await db.Actions.VisibleTo(user).AsNoTracking().SingleOrDefaultAsync(a => a.Id == id, ct) is { } action
            ? TypedResults.Ok(await ViewAsync(db, action, ct)) : Problems.NotFound("action");

    public static async Task<ActionView> ViewAsync(SchedulerDb db, TimedAction action, CancellationToken ct) =>
        ActionView.Of(action, await db.ActionDevices.Where(d => d.ActionId == action.Id).Select(d => d.DeviceId)
            .ToListAsync(ct));

    static async Task<Results<Ok<Page<RunView>>, ProblemHttpResult>> Runs(
        Guid id, PageRequest page, CurrentUser user, SchedulerDb db, CancellationToken ct)
    {
        if (!await db.Actions.VisibleTo(user).AnyAsync(a => a.Id == id, ct))
            return Problems.NotFound("action");
        return TypedResults.Ok((await db.ActionRuns.Where(r => r.ActionId == id).ToPageAsync(page, ct))
            .Select(r => new RunView(r.Id, r.DueAt, r.At, r.Outcome, r.Devices, r.MissedBefore)));
    }

    static Results<Ok<Preview>, ProblemHttpResult> Foresee(
        string cron, TimeProvider clock, string? timeZone = null, int count = 5)
    {
        if (count is < 1 or > MaxAhead)
            return ActionRules.Bad($"count is a whole number from 1 to {MaxAhead}.");
        return Timetable.Read(null, cron, timeZone, out var error) is { } table
            ? TypedResults.Ok(new Preview([.. table.Next(clock.GetUtcNow(), count)])) : ActionRules.Bad(error);
    }
}
