using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Users.Audits;

/// <summary>One act that matters for the security of an account. Never changed.</summary>
public sealed class AuditEntry : IEntity
{
    public Guid Id { get; init; }

    /// <summary>Whose account it is about.</summary>
    public Guid UserId { get; init; }

    /// <summary>Who did it; null: nobody whom we know, as at a failed login.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>One of <see cref="Acts"/>.</summary>
    [MaxLength(64)]
    public required string Act { get; init; }

    /// <summary>What a reader should know beside it: never a password, token or code.</summary>
    [MaxLength(Audit.MaxDetail)]
    public string? Detail { get; init; }

    [MaxLength(64)]
    public string? IpAddress { get; init; }

    [MaxLength(64)]
    public string? RequestId { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>The acts that are kept.</summary>
static class Acts
{
    public const string Registered = "registered";
    public const string LoggedIn = "logged-in";
    public const string LoginFailed = "login-failed";
    public const string LoggedOut = "logged-out";
    /// <summary>Somebody who is signed in was asked for the password again, and gave a wrong one.</summary>
    public const string PasswordCheckFailed = "password-check-failed";
    /// <summary>The same of a code of the authenticator app, or a recovery code.</summary>
    public const string CodeCheckFailed = "code-check-failed";
    public const string RefreshTokenReused = "refresh-token-reused";
    public const string SessionEnded = "session-ended";
    public const string OtherSessionsEnded = "other-sessions-ended";
    public const string AllSessionsEnded = "all-sessions-ended";
    public const string PasswordChanged = "password-changed";
    public const string PasswordResetRequested = "password-reset-requested";
    public const string PasswordReset = "password-reset";
    public const string EmailChangeRequested = "email-change-requested";
    public const string EmailChanged = "email-changed";
    public const string RolesChanged = "roles-changed";
    public const string Suspended = "suspended";
    public const string Reinstated = "reinstated";
    public const string QuotaChanged = "quota-changed";
    public const string BalanceAdjusted = "balance-adjusted";
    public const string TwoFactorEnabled = "two-factor-enabled";
    public const string TwoFactorDisabled = "two-factor-disabled";
    public const string RecoveryCodeUsed = "recovery-code-used";
    public const string RecoveryCodesRenewed = "recovery-codes-renewed";
    public const string ApiKeyCreated = "api-key-created";
    public const string ApiKeyRevoked = "api-key-revoked";
}
