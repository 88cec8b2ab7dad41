using System.Text.Json;
using CloudPhone.Notifications.Texts;

namespace CloudPhone.Notifications.Stored;

/// <summary>A notification in the reader's language: an item of the list, and what the WebSocket sends.</summary>
/// <param name="Type">The event's name, like <c>device.started</c>.</param>
/// <param name="Data">The event.</param>
public sealed record NotificationItem(
    Guid Id, string Type, string Title, string Message, JsonElement Data, Priority Priority,
    DateTimeOffset CreatedAt, DateTimeOffset? ReadAt)
{
    internal static NotificationItem Of(Notification n, TextCatalogue texts, string language)
    {
        var data = JsonSerializer.Deserialize<JsonElement>(n.Data);
        var (title, message) = texts.Render(language, n.Type, data);
        return new(n.Id, n.Type, title, message, data, n.Priority, n.CreatedAt, n.ReadAt);
    }
}
