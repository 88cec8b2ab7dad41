using CloudPhone.Shared.Hosting;

namespace CloudPhone.Users;

/// <summary>The service's own settings, read and checked at start.</summary>
public sealed class UsersOptions(IConfiguration configuration)
{
    /// <summary>The default: a core stays free for other requests while passwords are hashed.</summary>
    static readonly int HalfTheCores = Math.Clamp(Environment.ProcessorCount / 2, 1, 2);

    /// <summary>Quota of a new user.</summary>
    public int DefaultMaxDevices { get; } = configuration.Number("DEFAULT_MAX_DEVICES", 5, 0, 10_000);

    public int DefaultTotalCpuCores { get; } = configuration.Number("DEFAULT_TOTAL_CPU_CORES", 16, 0, 100_000);

    public int DefaultTotalMemoryGB { get; } = configuration.Number("DEFAULT_TOTAL_MEMORY_GB", 32, 0, 1_000_000);

    /// <summary>Password of the first admin; where it is missing one is made and logged once.</summary>
    public string? AdminPassword { get; } = configuration["ADMIN_PASSWORD"] is { Length: > 0 } given ? given : null;

    public string AdminEmail { get; } = configuration["ADMIN_EMAIL"] is { Length: > 0 } given ? given : "admin@cloudphone.local";

    /// <summary>How many passwords are hashed at the same time: each keeps a core busy.</summary>
    public int HashConcurrency { get; } = configuration.Number("PASSWORD_HASH_CONCURRENCY", HalfTheCores, 1, 64);

    /// <summary>How many wait for that; the next one is told to come back.</summary>
    public int HashQueue { get; } = configuration.Number("PASSWORD_HASH_QUEUE", 20, 0, 1000);

    /// <summary>Rounds of PBKDF2 with HMAC-SHA-512. Older hashes are renewed when their owner logs in.</summary>
    public int HashIterations { get; } = configuration.Number("PASSWORD_HASH_ITERATIONS", 210_000, 210_000, 10_000_000);
}
