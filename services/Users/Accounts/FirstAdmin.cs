using System.Security.Cryptography;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Hosting;
using CloudPhone.Users.Passwords;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Accounts;

/// <summary>
/// Makes the user <c>admin</c> where nobody is an admin yet: with ADMIN_PASSWORD, or with a random password that is
/// logged once and good for one login only.
/// </summary>
sealed partial class FirstAdmin(
    IServiceScopeFactory scopes, PasswordHasher passwords, UsersOptions options, ILogger<FirstAdmin> log)
    : IStartupPreparation
{
    public const string Name = "admin";
    const int PasswordLength = 20;

    /// <summary>Without letters and digits that are easily mistaken for others.</summary>
    const string Alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";

    public async Task PrepareAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UsersDb>();
        if (await db.Users.AnyAsync(u => u.Roles.Contains(Roles.Admin), ct))
            return;
        var password = options.AdminPassword ?? RandomNumberGenerator.GetString(Alphabet, PasswordLength);
        using var turn = passwords.TryTakeTurn()!;
        var hash = await turn.HashAsync(password, ct);
        // before the account is there: should the process die in between, the next start makes it, with another
        // password; the other way round there would be an admin whom nobody knows
        if (options.AdminPassword is null)
            Made(log, password);
        try
        {
            await scope.ServiceProvider.GetRequiredService<NewAccount>().CreateAsync(
                Name, options.AdminEmail, AccountRules.English, hash, [Roles.User, Roles.Operator, Roles.Admin], ct,
                mustChangePassword: options.AdminPassword is null);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            NotMade(log);
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Nobody is an admin yet: log in as \"admin\" with the password {Password} "
        + "(it is shown only this once, and good for one login that brings a newPassword)")]
    static partial void Made(ILogger log, string password);

    [LoggerMessage(2, LogLevel.Warning,
        "The first admin was not made, and a password that was just shown is good for nothing: another replica was "
        + "faster, or somebody else has its name or e-mail address")]
    static partial void NotMade(ILogger log);
}
