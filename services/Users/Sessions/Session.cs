using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Users.Sessions;

/// <summary>One login of a user: a family of refresh tokens, of which only the newest is good.</summary>
public sealed class Session : IEntity
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset LastUsedAt { get; set; }

    /// <summary>What the client says that it is.</summary>
    [MaxLength(Caller.MaxAgentLength)]
    public string? Agent { get; set; }

    /// <summary>From where it last got tokens.</summary>
    [MaxLength(64)]
    public string? IpAddress { get; set; }

    /// <summary>Its end, however often it is refreshed.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

public sealed class RefreshToken
{
    /// <summary>SHA-256 of the token, in hex: the token itself is kept nowhere.</summary>
    [MaxLength(64)]
    public required string Hash { get; set; }

    public Guid SessionId { get; set; }

    /// <summary>Its end, unless it is used before.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? UsedAt { get; set; }

    /// <summary>Hash of the address and agent that used it.</summary>
    [MaxLength(64)]
    public string? UsedBy { get; set; }
}
