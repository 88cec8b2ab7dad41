using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Shared.Messaging;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Passwords;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Accounts;

/// <summary>What is left out stays.</summary>
/// <param name="CurrentPassword">Needed to change the address, which passwords are reset by.</param>
public sealed record ChangeProfileRequest(
    string? Language = null, string? Email = null, string? CurrentPassword = null);

static class ChangeProfile
{
    static ProblemHttpResult EmailTaken =>
        Problems.Conflict("email-taken", "There is an account with this e-mail address.");

    public static async Task<Results<Ok<UserProfile>, ProblemHttpResult>> Handle(
        ChangeProfileRequest request, CurrentUser caller, UsersDb db, PasswordHasher passwords, PasswordCheck check,
        Outbox outbox, Audit audit, TimeProvider clock, CancellationToken ct)
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
            using var turn = passwords.TryTakeTurn();
            if (turn is null)
                return PasswordHasher.Busy;
            if (await check.RefuseAsync(user, request.CurrentPassword!, turn, ct) is { } refused)
                return refused;
            var normalized = AccountRules.Normalize(email);
            if (await db.Users.AnyAsync(u => u.NormalizedEmail == normalized && u.Id != user.Id, ct))
                return EmailTaken;
            audit.Add(user.Id, Acts.EmailChanged, $"from {user.Email} to {email}");
            (user.Email, user.NormalizedEmail) = (email, normalized);
        }
        user.Language = request.Language ?? user.Language;
        if (!db.ChangeTracker.HasChanges())
            return TypedResults.Ok(UserProfile.Of(user));
        outbox.Add(new UserProfileUpdated(
            user.Id, user.Username, user.Email, user.Language, clock.GetUtcNow(), user.Version + 1));
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException ex) when (DatabaseErrors.IsDuplicate(ex))
        {
            return EmailTaken;
        }
        return TypedResults.Ok(UserProfile.Of(user));
    }
}
