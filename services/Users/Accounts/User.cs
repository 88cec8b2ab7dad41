using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;

namespace CloudPhone.Users.Accounts;

public sealed class User : IEntity, IVersioned
{
    public Guid Id { get; set; }

    /// <summary>As it was written at sign-up; nobody else may have it in other letter case.</summary>
    [MaxLength(50)]
    public required string Username { get; set; }

    [MaxLength(50)]
    public required string NormalizedUsername { get; set; }

    [MaxLength(254)]
    public required string Email { get; set; }

    [MaxLength(254)]
    public required string NormalizedEmail { get; set; }

    public required string PasswordHash { get; set; }

    /// <summary>Null: it is the first one.</summary>
    public DateTimeOffset? PasswordChangedAt { get; set; }

    /// <summary>The password is good for one login only, which must bring another.</summary>
    public bool MustChangePassword { get; set; }

    /// <summary><c>zh-CN</c> or <c>en</c>.</summary>
    [MaxLength(16)]
    public required string Language { get; set; }

    public required List<string> Roles { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? LastLoginAt { get; set; }

    /// <summary>Since then the user can't log in; null: not suspended.</summary>
    public DateTimeOffset? SuspendedAt { get; set; }

    [MaxLength(Administration.MaxReason)]
    public string? SuspendedReason { get; set; }

    /// <summary>The end of the last suspension, rounded up to whole seconds, as tokens tell their time: those from
    /// before stay refused.</summary>
    public DateTimeOffset? ReinstatedAt { get; set; }

    public long Version { get; set; } = 1;
}

/// <summary>A user's money: the sum of the ledger's entries, which alone change it.</summary>
public sealed class Account
{
    public const string Cny = "CNY";

    public Guid UserId { get; set; }
    public decimal Balance { get; set; }

    [MaxLength(3)]
    public string Currency { get; set; } = Cny;

    /// <summary>Counts the entries.</summary>
    public long Version { get; set; }
}
