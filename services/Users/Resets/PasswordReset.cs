using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Work;

namespace CloudPhone.Users.Resets;

/// <summary>
/// Somebody who says to have forgotten the password. Written for every address, known or not; who it is comes later, so
/// that the answer tells nobody which addresses have accounts, not by its time either.
/// </summary>
public sealed class PasswordReset : DueRow
{
    /// <summary>In small letters.</summary>
    [MaxLength(254)]
    public required string Email { get; init; }

    [MaxLength(64)]
    public string? IpAddress { get; init; }

    public DateTimeOffset RequestedAt { get; init; }

    /// <summary>Null: nobody has the address, or it was not looked up yet.</summary>
    public Guid? UserId { get; set; }

    /// <summary>When its link was made: a password that was changed after that ends it.</summary>
    public DateTimeOffset? IssuedAt { get; set; }

    /// <summary>Until then its link is good.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? UsedAt { get; set; }
}
