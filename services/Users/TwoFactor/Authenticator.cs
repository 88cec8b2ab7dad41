using System.ComponentModel.DataAnnotations;

namespace CloudPhone.Users.TwoFactor;

/// <summary>The app that shows a user's codes. There is none, one that is being set up, or one that is on.</summary>
public sealed class Authenticator
{
    public Guid UserId { get; set; }

    /// <summary>Shared with the app; sealed by a key that isn't in the database.</summary>
    [MaxLength(64)]
    public required byte[] Secret { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Null: set up, but no code was shown yet. Logins don't ask for one.</summary>
    public DateTimeOffset? EnabledAt { get; set; }

    /// <summary>That of the newest code that was taken: it and older ones are used up.</summary>
    public long LastUsedStep { get; set; }

    /// <summary>When a good code was shown last to renew the recovery codes.</summary>
    public DateTimeOffset? RenewalAt { get; set; }

    /// <summary>Hash of that code. It is used up at once: whoever finds it out has nothing.</summary>
    [MaxLength(64)]
    public string? RenewalCode { get; set; }
}

/// <summary>Takes the place of a code, once.</summary>
public sealed class RecoveryCode
{
    public Guid UserId { get; set; }

    /// <summary>SHA-256, in hex: the code itself is kept nowhere.</summary>
    [MaxLength(64)]
    public required string Hash { get; set; }

    public DateTimeOffset? UsedAt { get; set; }
}
