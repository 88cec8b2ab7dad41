namespace CloudPhone.Contracts;

// Published by the user service.

/// <param name="Language">A language tag: <c>zh-CN</c> or <c>en</c>.</param>
public sealed record UserRegistered(
    Guid UserId, string Username, string Email, string Language, DateTimeOffset RegisteredAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.registered";
}

/// <summary>A wrong password or code for an account that exists. Names that don't exist raise no event.</summary>
/// <param name="FailureCount">Failures in a row, this one included.</param>
public sealed record UserLoginFailed(
    Guid UserId, string Username, int FailureCount, DateTimeOffset FailedAt, string? IpAddress = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.login_failed";
}

/// <summary>The account has another password; its user is told, as it may have been somebody else.</summary>
public sealed record UserPasswordChanged(Guid UserId, string Username, string Email, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.password_changed";
}

/// <summary>
/// Somebody asked for a link that gives the account another password. The link itself is made by whoever mails it, from
/// <paramref name="ResetId"/> and a key of the platform: it is no secret here.
/// </summary>
/// <param name="Email">Where the link is mailed to.</param>
/// <param name="ExpiresAt">The link's end.</param>
public sealed record UserPasswordResetRequested(
    Guid UserId, string Username, string Email, Guid ResetId, DateTimeOffset ExpiresAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.password_reset_requested";
}

/// <summary>The user has another e-mail address or language.</summary>
/// <param name="Language">A language tag: <c>zh-CN</c> or <c>en</c>.</param>
/// <param name="Version">Counts the changes of this user: what has a higher one is newer.</param>
/// <param name="OldEmail">The address before; null: it is the same.</param>
public sealed record UserProfileUpdated(
    Guid UserId, string Username, string Email, string Language, DateTimeOffset UpdatedAt, long Version,
    string? OldEmail = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.profile_updated";
}

/// <summary>
/// The user wants another e-mail address, which counts once a link that is mailed to it was opened. The link itself is
/// made by whoever mails it, from <paramref name="ChangeId"/> and a key of the platform.
/// </summary>
/// <param name="Email">The new address, where the link is mailed to.</param>
/// <param name="ExpiresAt">The link's end.</param>
public sealed record UserEmailChangeRequested(
    Guid UserId, string Username, string Email, Guid ChangeId, DateTimeOffset ExpiresAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.email_change_requested";
}

/// <summary>
/// The account has another e-mail address; who reads the old one is told, as it may have been somebody else.
/// </summary>
/// <param name="Email">The new one.</param>
public sealed record UserEmailChanged(
    Guid UserId, string Username, string OldEmail, string Email, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.email_changed";
}

/// <summary>The user has other roles.</summary>
/// <param name="Roles">Separated by commas.</param>
public sealed record UserRolesChanged(Guid UserId, string Username, string Roles, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.roles_changed";
}

/// <summary>The account has a new API key.</summary>
/// <param name="Prefix">By which its owner knows it.</param>
/// <param name="Scopes">Separated by spaces.</param>
public sealed record UserApiKeyCreated(
    Guid UserId, string Username, Guid KeyId, string KeyName, string Prefix, string Scopes,
    DateTimeOffset CreatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.api_key_created";
}

/// <summary>A login asks for no code any more.</summary>
/// <param name="By"><c>user</c>, or <c>admin</c> for somebody who has lost app and recovery codes.</param>
public sealed record UserTwoFactorDisabled(
    Guid UserId, string Username, string Email, DateTimeOffset DisabledAt, string By) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.two_factor_disabled";
}

/// <summary>The user can't log in any more, and nothing of the user's may run.</summary>
/// <param name="Reason">Of the admin, for the user.</param>
/// <param name="Version">Counts the changes of this user: what has a higher one is newer.</param>
public sealed record UserSuspended(
    Guid UserId, string Username, string Email, string Reason, DateTimeOffset SuspendedAt, long Version) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.suspended";
}

/// <summary>The user is not suspended any more.</summary>
/// <param name="Version">Counts the changes of this user: what has a higher one is newer.</param>
public sealed record UserReinstated(
    Guid UserId, string Username, string Email, DateTimeOffset ReinstatedAt, long Version) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.reinstated";
}

/// <summary>From now on a login asks for a code as well.</summary>
public sealed record UserTwoFactorEnabled(Guid UserId, string Username, string Email, DateTimeOffset EnabledAt) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.two_factor_enabled";
}

/// <summary>Limits or validity of a user's quota changed.</summary>
/// <param name="Version">Counts the changes of this quota.</param>
public sealed record UserQuotaUpdated(
    Guid UserId, int MaxDevices, int TotalCpuCores, int TotalMemoryGB, DateTimeOffset UpdatedAt, long Version,
    DateTimeOffset? ValidUntil = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.quota_updated";
}

/// <summary>The ledger has a new entry.</summary>
/// <param name="Balance">CNY after the entry.</param>
/// <param name="Delta">CNY; negative for a debit.</param>
/// <param name="Reason"><c>payment</c>, <c>plan</c> (a plan's price), <c>plan-refunded</c>, <c>usage</c>,
/// <c>refund</c>, <c>refund-released</c> (a refund that did not come about) or <c>adjustment</c>.</param>
/// <param name="PaymentId">The payment or refund behind it, if any.</param>
/// <param name="Version">Counts the entries of this account.</param>
public sealed record UserBalanceUpdated(
    Guid UserId, decimal Balance, decimal Delta, string Currency, string Reason, DateTimeOffset UpdatedAt, long Version,
    Guid? PaymentId = null) : IEvent
{
    /// <inheritdoc/>
    public static string EventName => "user.balance_updated";
}
