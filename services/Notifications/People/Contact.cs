using System.ComponentModel.DataAnnotations;
using CloudPhone.Contracts;
using CloudPhone.Shared.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Notifications.People;

/// <summary>Where to reach a user: a copy of what the user service knows.</summary>
public sealed class Contact
{
    public Guid UserId { get; init; }
    public required string Username { get; set; }
    public required string Email { get; set; }
    [MaxLength(16)]
    public required string Language { get; set; }
    /// <summary>The user service's count of changes: what has a higher one is newer.</summary>
    public long Version { get; set; } = 1;
}

static class Contacts
{
    public static async Task OnRegistered(UserRegistered e, NotificationsDb db, CancellationToken ct)
    {
        // one that was asked for meanwhile is newer than this event
        if (!await db.Contacts.AnyAsync(c => c.UserId == e.UserId, ct))
            db.Add(new Contact
            {
                UserId = e.UserId, Username = e.Username, Email = e.Email, Language = Language.Of(e.Language),
            });
    }

    public static async Task OnUpdated(UserProfileUpdated e, NotificationsDb db, CancellationToken ct)
    {
        var language = Language.Of(e.Language);
        var contact = db.Contacts.Where(c => c.UserId == e.UserId);
        await contact.Where(c => c.Version < e.Version).ExecuteUpdateAsync(s => s
            .SetProperty(c => c.Email, e.Email).SetProperty(c => c.Username, e.Username)
            .SetProperty(c => c.Language, language).SetProperty(c => c.Version, e.Version), ct);
        if (!await contact.AnyAsync(ct))
            db.Add(new Contact
            {
                UserId = e.UserId, Username = e.Username, Email = e.Email, Language = language, Version = e.Version,
            });
    }

    /// <summary>Keeps what the user service answered, unless its event came first.</summary>
    public static async Task KeepAsync(Contact contact, NotificationsDb db, CancellationToken ct)
    {
        db.Add(contact);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            db.Entry(contact).State = EntityState.Detached;
        }
    }
}
