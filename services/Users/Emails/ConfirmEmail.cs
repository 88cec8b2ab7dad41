using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Emails;

/// <param name="Token">From the link that was mailed.</param>
public sealed record ConfirmEmailRequest(string Token);

/// <summary>Whoever opens the link reads the new address: from now on it counts.</summary>
static class ConfirmEmail
{
    static ProblemHttpResult Invalid => Problems.BadRequest(
        "invalid-email-token", "This link is not good any more: it was used, or is too old. Change the address again.");

    static ProblemHttpResult Taken =>
        Problems.Conflict("email-taken", "Meanwhile there is another account with this e-mail address.");

    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        ConfirmEmailRequest request, UsersDb db, EmailTokens tokens, Outbox outbox, Audit audit, TimeProvider clock,
        CancellationToken ct)
    {
        if (tokens.Read(request.Token) is not { } id)
            return Invalid;
        try
        {
            return await db.InTransactionAsync(() => UseAsync(id, db, outbox, audit, clock.GetUtcNow(), ct), ct)
                ? TypedResults.NoContent() : Invalid;
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            return Taken;
        }
    }

    /// <summary>All other links of the user end with it, those that were mailed to the old address among
    /// them.</summary>
    static async Task<bool> UseAsync(
        Guid id, UsersDb db, Outbox outbox, Audit audit, DateTimeOffset now, CancellationToken ct)
    {
        db.ChangeTracker.Clear(); // it may be another try of the transaction
        var change = await db.EmailChanges.AsNoTracking()
            .SingleOrDefaultAsync(c => c.Id == id && c.UsedAt == null && c.ExpiresAt > now, ct);
        if (change is null || await db.EndLinksAsync(change.UserId, now, ct) == 0)
            return false;
        var user = await db.Users.SingleAsync(u => u.Id == change.UserId, ct);
        if (user.SuspendedAt is not null)
            return false;
        var old = user.Email;
        (user.Email, user.NormalizedEmail) = (change.Email, AccountRules.Normalize(change.Email));
        outbox.Add(new UserEmailChanged(user.Id, user.Username, old, user.Email, now));
        outbox.Add(new UserProfileUpdated(
            user.Id, user.Username, user.Email, user.Language, now, user.Version + 1, OldEmail: old));
        audit.Add(user.Id, Acts.EmailChanged, $"from {old} to {user.Email}", actorId: user.Id);
        await db.SaveChangesAsync(ct);
        return true;
    }
}
