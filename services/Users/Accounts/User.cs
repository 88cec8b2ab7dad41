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

    /// <summary><c>zh-CN</c> or <c>en</c>.</summary>
    [MaxLength(16)]
    public required string Language { get; set; }

    public required List<string> Roles { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public long Version { get; set; } = 1;
}

/// <summary>A user's money.</summary>
public sealed class Account : IVersioned
{
    public const string Cny = "CNY";

    public Guid UserId { get; set; }
    public decimal Balance { get; set; }

    [MaxLength(3)]
    public string Currency { get; set; } = Cny;

    public long Version { get; set; } = 1;
}
