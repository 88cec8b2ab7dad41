using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Money;

/// <summary>What a user has ordered and not paid yet.</summary>
sealed record Ordered(Guid OrderId, Guid PaymentId, decimal Amount, string Currency);

/// <summary>Orders as users do, and tells as the sandbox does that it was paid.</summary>
sealed class SandboxPayer(RunningPlatform platform)
{
    const string Callback = "/api/billing/payments/callback/sandbox";
    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public static Task<Ordered> OrderAsync(PlatformUser user, decimal amount) =>
        OrderAsync(user, new { amount, provider = "sandbox" });

    /// <summary>A month of a plan.</summary>
    public static async Task<Ordered> OrderPlanAsync(PlatformUser user, string code)
    {
        var plan = (await user.ListAsync("/api/billing/plans")).Single(p => p.GetProperty("code").GetString() == code);
        return await OrderAsync(user, new { planId = plan.GetProperty("id").GetGuid(), provider = "sandbox" });
    }

    static async Task<Ordered> OrderAsync(PlatformUser user, object order)
    {
        using var answer = await user.Http.PostAsJsonAsync("/api/billing/orders", order);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{(int)answer.StatusCode} {text}");
        var made = JsonDocument.Parse(text).RootElement;
        return new(made.GetProperty("orderId").GetGuid(), made.GetProperty("paymentId").GetGuid(),
            made.GetProperty("amount").GetDecimal(), made.GetProperty("currency").GetString()!);
    }

    /// <summary>Three times the same, side by side, each until it is taken, as a provider does it.</summary>
    public Task TellThreeTimesAsync(Ordered order)
    {
        var id = $"evt_{Guid.NewGuid():N}";
        return Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Testing.Wait.UntilAsync("the callback to be taken",
            () => IsTakenAsync(order, id), 60, every: 0.2)));
    }

    async Task<bool> IsTakenAsync(Ordered order, string eventId)
    {
        try
        {
            using var answer = await TellAsync(order, eventId);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode || (int)answer.StatusCode >= 500,
                $"the callback: {(int)answer.StatusCode} {text}");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>One callback.</summary>
    /// <param name="signed">When it says that it was signed; null: now.</param>
    /// <param name="secret">What it is signed with; null: the platform's own.</param>
    public async Task<HttpResponseMessage> TellAsync(
        Ordered order, string eventId, DateTimeOffset? signed = null, string? secret = null)
    {
        var body = JsonSerializer.Serialize(new
        {
            id = eventId, type = "payment.succeeded", paymentId = order.PaymentId, orderId = order.OrderId,
            amount = order.Amount, currency = order.Currency,
        });
        var time = (signed ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(platform.Gateway, Callback))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Sandbox-Signature", $"t={time},v1={Sign($"{time}.{body}", secret ?? Secret())}");
        return await Http.SendAsync(request);
    }

    string Secret()
    {
        using var secrets = JsonDocument.Parse(File.ReadAllText(Path.Combine(platform.Data, "secrets.json")));
        return secrets.RootElement.GetProperty("SANDBOX_SECRET").GetString()!;
    }

    static string Sign(string text, string secret) => Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));
}
