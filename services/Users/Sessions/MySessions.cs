using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Users.Sessions;

/// <param name="Agent">What the client said that it is.</param>
/// <param name="IpAddress">From where it last got tokens.</param>
/// <param name="Current">It is the one that asks.</param>
public sealed record SessionItem(
    Guid Id, string? Agent, string? IpAddress, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt,
    DateTimeOffset ExpiresAt, bool Current);

/// <summary>Where a user is logged in, and the end of it.</summary>
static class MySessions
{
    public static async Task<Page<SessionItem>> List(
        CurrentUser caller, PageRequest page, UsersDb db, TimeProvider clock, CancellationToken ct) =>
        (await db.OpenSessionsOf(caller.Id, clock.GetUtcNow()).ToPageAsync(page, ct)).Select(s => new SessionItem(
            s.Id, s.Agent, s.IpAddress, s.CreatedAt, s.LastUsedAt, s.ExpiresAt, s.Id == caller.SessionId));

    public static async Task<Results<NoContent, ProblemHttpResult>> End(
        Guid id, CurrentUser caller, UsersDb db, Audit audit, TimeProvider clock, CancellationToken ct)
    {
        var ended = await EndAsync(
            caller.Id, s => s.Where(x => x.Id == id), db, audit, clock, Acts.SessionEnded, ct);
        return ended > 0 ? TypedResults.NoContent() : Problems.NotFound("session");
    }

    public static async Task<NoContent> EndOthers(
        CurrentUser caller, UsersDb db, Audit audit, TimeProvider clock, CancellationToken ct)
    {
        await EndAsync(caller.Id, s => s.Where(x => x.Id != caller.SessionId), db, audit, clock,
            Acts.OtherSessionsEnded, ct);
        return TypedResults.NoContent();
    }

    /// <summary>By an operator; an admin's only by another admin.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> EndAll(
        Guid id, CurrentUser caller, UsersDb db, Audit audit, TimeProvider clock, CancellationToken ct)
    {
        if (await Administration.RefuseAsync(id, caller, db, ct) is { } refused)
            return refused;
        await EndAsync(id, s => s, db, audit, clock, Acts.AllSessionsEnded, ct);
        return TypedResults.NoContent();
    }

    static Task<int> EndAsync(
        Guid userId, Func<IQueryable<Session>, IQueryable<Session>> which, UsersDb db, Audit audit, TimeProvider clock,
        string act, CancellationToken ct) => db.InTransactionAsync(async () =>
    {
        var now = clock.GetUtcNow();
        var ended = await which(db.OpenSessionsOf(userId, now)).EndAsync(now, ct);
        if (ended > 0)
            audit.Add(userId, act, $"sessions: {ended}");
        await db.SaveChangesAsync(ct);
        return ended;
    }, ct);
}
