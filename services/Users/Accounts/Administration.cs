using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Emails;
using CloudPhone.Users.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Accounts;

/// <param name="Roles">Of user, operator and admin; user is always one of them.</param>
public sealed record ChangeRolesRequest(IReadOnlyList<string> Roles);

public sealed record SuspendRequest(string Reason);

/// <summary>
/// What admins do to accounts. Each change ends the user's sessions, so that it bites everywhere. There is always an
/// admin who can log in.
/// </summary>
static class Administration
{
    public const int MaxReason = 200;
    static readonly string[] Known = [Roles.User, Roles.Operator, Roles.Admin];

    static ProblemHttpResult LastAdmin =>
        Problems.Conflict("last-admin", "Nobody else is an admin: make somebody one first.");

    public static Task<Results<Ok<UserProfile>, ProblemHttpResult>> ChangeRoles(
        Guid id, ChangeRolesRequest request, UsersDb db, Audit audit, Outbox outbox, TimeProvider clock,
        CancellationToken ct)
    {
        if (new FieldErrors().Check(request.Roles.All(r => Known.Contains(r)), "roles",
            "roles are of user, operator and admin.").Problem is { } wrong)
            return Task.FromResult<Results<Ok<UserProfile>, ProblemHttpResult>>(wrong);
        List<string> roles = [.. Known.Where(r => r == Roles.User || request.Roles.Contains(r))];
        return ChangeAsync(id, db, audit, clock, user =>
        {
            if (user.Roles.Order().SequenceEqual(roles.Order()))
                return null;
            user.Roles = roles;
            outbox.Add(new UserRolesChanged(id, user.Username, string.Join(", ", roles), clock.GetUtcNow()));
            return new(Acts.RolesChanged, string.Join(", ", roles), EndsAdmin: !roles.Contains(Roles.Admin));
        }, ct);
    }

    public static Task<Results<Ok<UserProfile>, ProblemHttpResult>> Suspend(
        Guid id, SuspendRequest request, UsersDb db, Audit audit, Outbox outbox, TimeProvider clock,
        CancellationToken ct)
    {
        if (new FieldErrors().Check(
            request.Reason.Length is > 0 and <= MaxReason && !request.Reason.Any(char.IsControl), "reason",
            "reason has 1 to 200 characters.").Problem is { } wrong)
            return Task.FromResult<Results<Ok<UserProfile>, ProblemHttpResult>>(wrong);
        return ChangeAsync(id, db, audit, clock, user =>
        {
            if (user.SuspendedAt is not null)
                return null;
            (user.SuspendedAt, user.SuspendedReason) = (clock.GetUtcNow(), request.Reason);
            return new(Acts.Suspended, request.Reason, EndsAdmin: true, () => outbox.Add(new UserSuspended(
                user.Id, user.Username, user.Email, request.Reason, clock.GetUtcNow(), user.Version + 1)));
        }, ct);
    }

    public static Task<Results<Ok<UserProfile>, ProblemHttpResult>> Reinstate(
        Guid id, UsersDb db, Audit audit, Outbox outbox, TimeProvider clock, CancellationToken ct) =>
        ChangeAsync(id, db, audit, clock, user =>
        {
            if (user.SuspendedAt is null)
                return null;
            (user.SuspendedAt, user.SuspendedReason) = (null, null);
            user.ReinstatedAt = DateTimeOffset.FromUnixTimeSeconds(clock.GetUtcNow().ToUnixTimeSeconds() + 1);
            return new(Acts.Reinstated, null, EndsAdmin: false, () => outbox.Add(new UserReinstated(
                user.Id, user.Username, user.Email, clock.GetUtcNow(), user.Version + 1)));
        }, ct);

    /// <summary>What operators do to accounts, they do not to those of admins.</summary>
    public static async Task<ProblemHttpResult?> RefuseAsync(
        Guid id, CurrentUser caller, UsersDb db, CancellationToken ct) =>
        await db.Users.Where(u => u.Id == id).Select(u => (bool?)u.Roles.Contains(Roles.Admin))
            .SingleOrDefaultAsync(ct) switch
        {
            null => Problems.NotFound("user"),
            true when !caller.Roles.Contains(Roles.Admin) =>
                Problems.Forbidden("forbidden", "This is an admin's account: only admins may do this."),
            _ => null,
        };

    /// <param name="Tell">Writes the event, if there is one.</param>
    sealed record Change(string Act, string? Detail, bool EndsAdmin, Action? Tell = null);

    /// <param name="change">Changes the user; null: it is so already.</param>
    static Task<Results<Ok<UserProfile>, ProblemHttpResult>> ChangeAsync(
        Guid id, UsersDb db, Audit audit, TimeProvider clock, Func<User, Change?> change, CancellationToken ct) =>
        db.InTransactionAsync<Results<Ok<UserProfile>, ProblemHttpResult>>(async () =>
    {
        // takes all admins' rows: of two admins who depose each other the second waits, and sees what the first did
        var admins = db.Users.Where(u => u.Roles.Contains(Roles.Admin) && u.SuspendedAt == null);
        await admins.ExecuteUpdateAsync(s => s.SetProperty(u => u.Language, u => u.Language), ct);
        if (await db.Users.SingleOrDefaultAsync(u => u.Id == id, ct) is not { } user)
            return Problems.NotFound("user");
        if (change(user) is not { } done)
            return TypedResults.Ok(UserProfile.Of(user));
        if (done.EndsAdmin && !await admins.AnyAsync(u => u.Id != id, ct))
        {
            db.ChangeTracker.Clear();
            return LastAdmin;
        }
        audit.Add(id, done.Act, done.Detail);
        done.Tell?.Invoke();
        await db.SaveChangesAsync(ct);
        var now = clock.GetUtcNow();
        await db.Sessions.Where(s => s.UserId == id).EndAsync(now, ct);
        await db.EndLinksAsync(id, now, ct);
        return TypedResults.Ok(UserProfile.Of(user));
    }, ct);
}
