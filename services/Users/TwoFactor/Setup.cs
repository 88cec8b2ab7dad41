using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Passwords;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace CloudPhone.Users.TwoFactor;

public sealed record TwoFactorSetupRequest(string CurrentPassword);

/// <param name="Secret">Base32, to be typed where no camera is.</param>
/// <param name="Uri">The same for apps, as otpauth:// link.</param>
/// <param name="QrCode">The link as a picture: a data URL of a PNG.</param>
public sealed record TwoFactorSetup(string Secret, string Uri, string QrCode);

/// <summary>
/// Gives the secret for an app. Nothing is on until a code shows that the app has it; to ask again replaces it.
/// </summary>
static class Setup
{
    public static async Task<Results<Ok<TwoFactorSetup>, ProblemHttpResult>> Handle(
        TwoFactorSetupRequest request, CurrentUser caller, UsersDb db, PasswordHasher passwords, PasswordCheck check,
        AuthenticatorSecrets secrets, TimeProvider clock, CancellationToken ct)
    {
        if (new FieldErrors().Check(PasswordRules.CouldBe(request.CurrentPassword), "currentPassword",
            PasswordCheck.Rule).Problem is { } wrong)
            return wrong;
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == caller.Id, ct) is not { } user)
            return Problems.NotFound("user");
        using var turn = passwords.TryTakeTurn();
        if (turn is null)
            return PasswordHasher.Busy;
        if (await check.RefuseAsync(user, request.CurrentPassword, turn, ct) is { } refused)
            return refused;
        var secret = AuthenticatorSecrets.New();
        if (!await TryKeepAsync(db, caller.Id, secrets.Seal(secret, caller.Id), clock.GetUtcNow(), ct))
            return Enable.AlreadyOn;
        var uri = AuthenticatorSecrets.UriOf(secret, user.Username);
        return TypedResults.Ok(new TwoFactorSetup(
            Base32Encoding.ToString(secret), uri, AuthenticatorSecrets.QrCodeOf(uri)));
    }

    /// <returns>False: it is on.</returns>
    static async Task<bool> TryKeepAsync(
        UsersDb db, Guid userId, byte[] secret, DateTimeOffset now, CancellationToken ct)
    {
        for (; ; )
        {
            var replaced = await db.InTransactionAsync(() => db.Authenticators
                .Where(a => a.UserId == userId && a.EnabledAt == null)
                .ExecuteUpdateAsync(
                    s => s.SetProperty(a => a.Secret, secret).SetProperty(a => a.CreatedAt, now), ct), ct);
            if (replaced == 1)
                return true;
            if (await db.Authenticators.AnyAsync(a => a.UserId == userId && a.EnabledAt != null, ct))
                return false;
            db.Add(new Authenticator { UserId = userId, Secret = secret, CreatedAt = now });
            try
            {
                await db.SaveChangesAsync(ct);
                return true;
            }
            catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
            {
                db.ChangeTracker.Clear(); // a twin was faster: look again
            }
        }
    }
}
