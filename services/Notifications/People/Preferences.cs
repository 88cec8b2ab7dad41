using System.ComponentModel.DataAnnotations;

namespace CloudPhone.Notifications.People;

/// <summary>What a user chose about notifications.</summary>
public sealed class Preferences
{
    public Guid UserId { get; init; }
    /// <summary>False: no mails but those about the account's security.</summary>
    public bool Mail { get; set; } = true;
    /// <summary>Null: the account's.</summary>
    [MaxLength(16)]
    public string? Language { get; set; }
}
