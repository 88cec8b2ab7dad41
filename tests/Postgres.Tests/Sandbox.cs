using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPhone.Billing;

namespace CloudPhone.Postgres.Tests;

/// <summary>Billing services with the sandbox, and what the sandbox tells them.</summary>
static class Sandbox
{
    const string Secret = "what the sandbox of these tests signs with";

    public static TestService<BillingDb> On(string url) =>
        Server.On<BillingDb>(url, ("PAYMENT_SANDBOX", "true"), ("SANDBOX_SECRET", Secret));

    public static async Task<JsonElement> TellAsync(TestService<BillingDb> service, JsonElement order, string eventId)
    {
        var body = JsonSerializer.Serialize(new
        {
            id = eventId, type = "payment.succeeded", paymentId = order.Text("paymentId"),
            orderId = order.Text("orderId"), amount = order.GetProperty("amount").GetDecimal(), currency = "CNY",
        });
        var time = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        using var client = service.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/billing/payments/callback/sandbox")
        {
            Content = new StringContent(body),
            Headers = { { "X-Sandbox-Signature", $"t={time},v1={Convert.ToHexStringLower(hash)}" } },
        };
        return await client.SendAsync(request).JsonAsync();
    }
}
