using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Http;

namespace CloudPhone.Users.ApiKeys;

/// <summary>What a user's program shows instead of a password. Its id is the <c>sid</c> of its tokens.</summary>
public sealed class ApiKey : IEntity
{
    public Guid Id { get; set; }
    public Guid UserId { get; set; }

    [MaxLength(CreateApiKey.MaxNameLength)]
    public required string Name { get; set; }

    /// <summary>Its beginning, by which its owner knows it.</summary>
    [MaxLength(16)]
    public required string Prefix { get; set; }

    /// <summary>SHA-256 of the key, in hex: the key itself is kept nowhere.</summary>
    [MaxLength(64)]
    public required string Hash { get; set; }

    /// <summary>Separated by spaces, as in its tokens.</summary>
    public required string Scopes { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Null: good until it is revoked.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>To a quarter of an hour: gateways ask once for each of its tokens.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }
}

public sealed record ApiKeyView(
    Guid Id, string Name, string Prefix, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt)
{
    public static ApiKeyView Of(ApiKey k) =>
        new(k.Id, k.Name, k.Prefix, k.Scopes.Split(' '), k.CreatedAt, k.LastUsedAt, k.ExpiresAt);
}
