using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Emails;
using CloudPhone.Users.Passwords;
using CloudPhone.Users.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Accounts;

/// <summary>What is left out stays.</summary>
/// <param name="CurrentPassword">Needed to change the address, which passwords are reset by.</param>
public sealed record ChangeProfileRequest(
    string? Language = null, string? Email = null, string? CurrentPassword = null);

/// <summary>
/// Another language counts at once, another address once the link that is mailed to it was opened. The answer does not
/// tell whether somebody else has it.
/// </summary>
static class ChangeProfile
{
    /// <summary>Whoever is logged in could fill a stranger's mailbox with links.</summary>
    static readonly Pace Mails = Pace.Minutes(4);

    public static async Task<Results<Ok<UserProfile>, ProblemHttpResult>> Handle(
        ChangeProfileRequest request, CurrentUser caller, UsersDb db, PasswordHasher passwords, PasswordCheck check,
        AttemptCounter attempts, Outbox outbox, Audit audit, TimeProvider clock, CancellationToken ct)
    {
        if (await db.Users.SingleOrDefaultAsync(u => u.Id == caller.Id, ct) is not { } user)
            return Problems.NotFound("user");
        var email = request.Email is { } e && e != user.Email ? e : null;
        if (new FieldErrors()
            .Check(AccountRules.IsLanguage(request.Language), "language", AccountRules.LanguageRule)
            .Check(email is null || AccountRules.IsEmail(email), "email", AccountRules.EmailRule)
            .Check(email is null || request.CurrentPassword is not null, "currentPassword",
                "currentPassword is needed to change the e-mail address.")
            .Check(request.CurrentPassword is not { } p || PasswordRules.CouldBe(p), "currentPassword",
                PasswordCheck.Rule)
            .Problem is { } wrong)
            return wrong;
        if (email is not null)
        {
            if (await RefuseAsync(user, request.CurrentPassword!, passwords, check, ct) is { } refused)
                return refused;
            if (await attempts.TryBeginAsync(AttemptCounter.Key($"new address of {user.Id}"), Mails, ct)
                is { LockedFor: { } wait })
                return Login.Locked(wait, "new e-mail addresses");
            user = await db.Users.SingleAsync(u => u.Id == caller.Id, ct); // a counted attempt forgets what was read
            var now = clock.GetUtcNow();
            db.Add(new EmailChange
            {
                Id = Guid.CreateVersion7(now), UserId = user.Id, Email = email, RequestedAt = now,
                NextAttemptAt = now, RequestId = RequestId.Current, TraceParent = Cause.TraceParent,
            });
            audit.Add(user.Id, Acts.EmailChangeRequested, $"to {email}");
        }
        if (request.Language is { } language && language != user.Language)
        {
            user.Language = language;
            outbox.Add(new UserProfileUpdated(
                user.Id, user.Username, user.Email, user.Language, clock.GetUtcNow(), user.Version + 1));
        }
        await db.SaveChangesAsync(ct);
        return TypedResults.Ok(UserProfile.Of(
            user, email ?? await db.PendingEmailAsync(user.Id, clock.GetUtcNow(), ct)));
    }

    static async Task<ProblemHttpResult?> RefuseAsync(
        User user, string password, PasswordHasher passwords, PasswordCheck check, CancellationToken ct)
    {
        using var turn = passwords.TryTakeTurn();
        return turn is null ? PasswordHasher.Busy : await check.RefuseAsync(user, password, turn, ct);
    }
}
