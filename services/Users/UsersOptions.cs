using CloudPhone.Shared.Hosting;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Passwords;
using CloudPhone.Users.Quotas;

namespace CloudPhone.Users;

/// <summary>The service's own settings, read and checked at start.</summary>
public sealed class UsersOptions
{
    /// <summary>The default: a core stays free for other requests while passwords are hashed.</summary>
    static readonly int HalfTheCores = Math.Clamp(Environment.ProcessorCount / 2, 1, 2);

    /// <exception cref="SettingException">One of them is wrong.</exception>
    public UsersOptions(IConfiguration configuration)
    {
        DefaultLimits = new(
            configuration.Number("DEFAULT_MAX_DEVICES", 5, 0, 10_000),
            configuration.Number("DEFAULT_TOTAL_CPU_CORES", 16, 0, 100_000),
            configuration.Number("DEFAULT_TOTAL_MEMORY_GB", 32, 0, 1_000_000));
        HashConcurrency = configuration.Number("PASSWORD_HASH_CONCURRENCY", HalfTheCores, 1, 64);
        HashQueue = configuration.Number("PASSWORD_HASH_QUEUE", 20, 0, 1000);
        HashIterations = configuration.Number("PASSWORD_HASH_ITERATIONS", 210_000, 210_000, 10_000_000);
        AdminEmail = configuration["ADMIN_EMAIL"] is { Length: > 0 } email ? email : "admin@cloudphone.local";
        if (!AccountRules.IsEmail(AdminEmail))
            throw new SettingException("Set ADMIN_EMAIL to an address like admin@example.com.");
        AdminPassword = configuration["ADMIN_PASSWORD"] is { Length: > 0 } password ? password : null;
        if (AdminPassword is not null && !PasswordRules.IsGood(AdminPassword, FirstAdmin.Name, AdminEmail))
            throw new SettingException("Set ADMIN_PASSWORD to 10 to 128 characters that are no common password.");
    }

    /// <summary>Quota of a new user.</summary>
    internal QuotaLimits DefaultLimits { get; }

    /// <summary>Password of the first admin; where it is missing one is made and logged once.</summary>
    public string? AdminPassword { get; }

    public string AdminEmail { get; }

    /// <summary>How many passwords are hashed at the same time: each keeps a core busy.</summary>
    public int HashConcurrency { get; }

    /// <summary>How many wait for that; the next one is told to come back.</summary>
    public int HashQueue { get; }

    /// <summary>Rounds of PBKDF2 with HMAC-SHA-512. Older hashes are renewed when their owner logs in.</summary>
    public int HashIterations { get; }
}
