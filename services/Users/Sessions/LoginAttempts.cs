using System.ComponentModel.DataAnnotations;

namespace CloudPhone.Users.Sessions;

/// <summary>
/// Attempts in a row without success. Names that nobody has are counted as well: otherwise the lock itself would tell
/// which names exist.
/// </summary>
public sealed class LoginAttempts
{
    /// <summary>Hash of what was typed as a name, or of what else is counted.</summary>
    [MaxLength(64)]
    public required string Target { get; set; }

    public int Count { get; set; }
    public DateTimeOffset LastAt { get; set; }
    public DateTimeOffset? LockedUntil { get; set; }
}
