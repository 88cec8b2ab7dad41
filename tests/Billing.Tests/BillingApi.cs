using System.Net.Http.Json;
using CloudPhone.Billing.Usage;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Billing.Tests;

static class BillingApi
{
    static readonly System.Text.Json.JsonSerializerOptions Json = new(System.Text.Json.JsonSerializerDefaults.Web)
    {
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
    };

    public static async Task<Page<UsageItem>> UsageAsync(this HttpClient client, string query) =>
        (await client.GetFromJsonAsync<Page<UsageItem>>($"/api/billing/usage?{query}", Json))!;

    /// <summary>The device's records, newest first.</summary>
    public static async Task<IReadOnlyList<UsageItem>> UsageAsync(this TestService<BillingDb> service, DeviceLife life)
    {
        using var client = service.As(life.UserId);
        return (await client.UsageAsync($"deviceId={life.Id}&limit=100")).Items;
    }
}
