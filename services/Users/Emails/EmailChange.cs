using System.ComponentModel.DataAnnotations;
using CloudPhone.Shared.Work;

namespace CloudPhone.Users.Emails;

/// <summary>
/// The address that a user wants. Written whether somebody else has it or not, which is looked up later: the answer
/// tells nobody which addresses have accounts.
/// </summary>
public sealed class EmailChange : DueRow
{
    /// <summary>For as long a link is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    public Guid UserId { get; init; }

    [MaxLength(254)]
    public required string Email { get; init; }

    public DateTimeOffset RequestedAt { get; init; }

    /// <summary>Until then its link is good. Null: there is no link.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? UsedAt { get; set; }
}
