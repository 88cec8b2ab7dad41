using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Emails;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Accounts;

/// <param name="PendingEmail">As in <see cref="UserProfile"/>.</param>
public sealed record Me(
    Guid Id, string Username, string Email, IReadOnlyList<string> Roles, decimal Balance, string Currency,
    string Language, string? PendingEmail = null);

/// <param name="PendingEmail">The address that was asked for: it counts once its mailed link was opened.</param>
public sealed record UserProfile(
    Guid Id, string Username, string Email, string Language, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt,
    DateTimeOffset? LastLoginAt = null, DateTimeOffset? SuspendedAt = null, string? SuspendedReason = null,
    string? PendingEmail = null)
{
    public static UserProfile Of(User u, string? pendingEmail = null) => new(
        u.Id, u.Username, u.Email, u.Language, u.Roles, u.CreatedAt, u.LastLoginAt, u.SuspendedAt, u.SuspendedReason,
        pendingEmail);
}

/// <summary>Where and in which language a user wants to be told things.</summary>
/// <param name="Version">As in <c>user.profile_updated</c>: what has a higher one is newer.</param>
public sealed record UserContact(Guid UserId, string Username, string Email, string Language, long Version);

static class Profiles
{
    public static async Task<Results<Ok<Me>, ProblemHttpResult>> GetMe(
        CurrentUser caller, UsersDb db, TimeProvider clock, CancellationToken ct)
    {
        var me = await (
            from u in db.Users.AsNoTracking()
            join a in db.Accounts on u.Id equals a.UserId
            where u.Id == caller.Id
            select new Me(u.Id, u.Username, u.Email, u.Roles, a.Balance, a.Currency, u.Language))
            .SingleOrDefaultAsync(ct);
        return me is null ? Problems.NotFound("user")
            : TypedResults.Ok(me with { PendingEmail = await db.PendingEmailAsync(me.Id, clock.GetUtcNow(), ct) });
    }

    public static async Task<Results<Ok<UserProfile>, ProblemHttpResult>> Get(
        Guid id, CurrentUser caller, UsersDb db, TimeProvider clock, CancellationToken ct)
    {
        var all = caller.IsOperator || caller.IsService;
        var user = await db.Users.AsNoTracking()
            .SingleOrDefaultAsync(u => u.Id == id && (all || u.Id == caller.Id), ct);
        return user is null ? Problems.NotFound("user")
            : TypedResults.Ok(UserProfile.Of(user, await db.PendingEmailAsync(id, clock.GetUtcNow(), ct)));
    }

    public static async Task<Page<UserProfile>> List(
        PageRequest page, UsersDb db, TimeProvider clock, CancellationToken ct)
    {
        var users = await db.Users.ToPageAsync(page, ct);
        var pending = await db.PendingEmailsAsync([.. users.Items.Select(u => u.Id)], clock.GetUtcNow(), ct);
        return users.Select(u => UserProfile.Of(u, pending.GetValueOrDefault(u.Id)));
    }

    public static async Task<Results<Ok<UserContact>, ProblemHttpResult>> GetContact(
        Guid userId, UsersDb db, CancellationToken ct)
    {
        var contact = await db.Users.Where(u => u.Id == userId)
            .Select(u => new UserContact(u.Id, u.Username, u.Email, u.Language, u.Version)).SingleOrDefaultAsync(ct);
        return contact is null ? Problems.NotFound("user") : TypedResults.Ok(contact);
    }
}
