using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPhone.Contracts;
using CloudPhone.Notifications.Stored;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Notifications.Tests;

static class NotificationsApi
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    public static async Task<Page<NotificationItem>> ListAsync(this HttpClient client, string query = "limit=100") =>
        (await client.GetFromJsonAsync<Page<NotificationItem>>($"/api/notifications?{query}", Json))!;

    public static async Task<int> UnreadAsync(this HttpClient client) =>
        (await client.GetFromJsonAsync<CountItem>("/api/notifications/unread-count"))!.Count;

    /// <summary>Delivers and expects the acknowledgement.</summary>
    public static async Task TakesAsync<TEvent>(
        this TestService<NotificationsDb> service, TEvent e, string? eventId = null, string? requestId = null)
        where TEvent : IEvent
    {
        using var answer = await service.DeliverAsync(e, eventId, requestId);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    public static async Task AssertProblemAsync(this HttpResponseMessage answer, int status, string type)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{answer.StatusCode}: {text}");
        Assert.Equal(type, JsonDocument.Parse(text).RootElement.GetProperty("type").GetString());
    }
}
