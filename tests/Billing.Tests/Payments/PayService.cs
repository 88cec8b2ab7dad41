using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPhone.Billing.Orders;
using CloudPhone.Contracts;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Billing.Tests.Payments;

/// <summary>The service with the sandbox and a clock of its own, and a user who pays.</summary>
sealed class PayService : TestService<BillingDb>
{
    public const string Secret = "what the sandbox of the tests signs with";
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    public PayService(params (string Name, string Value)[] settings)
        : base([("PAYMENT_SANDBOX", "true"), ("SANDBOX_SECRET", Secret), .. settings]) => With(Clock);

    readonly LogLines _log = new();

    public FakeTimeProvider Clock { get; } = new(Start);
    public IReadOnlyCollection<string> LogLines => _log.Lines;
    public Guid User { get; } = Guid.CreateVersion7();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureLogging(logging => logging.AddProvider(_log));
    }

    public async Task<OrderAnswer> OrderAsync(object body)
    {
        using var client = As(User);
        using var answer = await client.PostAsJsonAsync("/api/billing/orders", body);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<OrderAnswer>(Json))!;
    }

    public async Task<OrderView> GetAsync(Guid orderId)
    {
        using var client = As(User);
        return (await client.GetFromJsonAsync<OrderView>($"/api/billing/orders/{orderId}", Json))!;
    }

    public async Task<Page<OrderView>> ListAsync(string query = "")
    {
        using var client = As(User);
        return (await client.GetFromJsonAsync<Page<OrderView>>($"/api/billing/orders?limit=100&{query}", Json))!;
    }

    public async Task<HttpResponseMessage> PostAsync(string path, object? body = null)
    {
        using var client = As(User);
        return body is null ? await client.PostAsync(path, null) : await client.PostAsJsonAsync(path, body);
    }

    /// <summary>What the sandbox would tell of the payment, with some of it changed.</summary>
    public static Dictionary<string, object?> Event(OrderAnswer order, params (string Name, object? Value)[] changes)
    {
        var body = new Dictionary<string, object?>
        {
            ["id"] = $"evt_{order.PaymentId}", ["type"] = "payment.succeeded", ["paymentId"] = order.PaymentId,
            ["orderId"] = order.OrderId, ["amount"] = order.Amount, ["currency"] = order.Currency,
        };
        foreach (var (name, value) in changes)
            body[name] = value;
        return body;
    }

    public string Sign(string body, int age = 0, string secret = Secret)
    {
        var time = (Clock.GetUtcNow().ToUnixTimeSeconds() - age).ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        return $"t={time},v1={Convert.ToHexStringLower(hash)}";
    }

    public async Task<HttpResponseMessage> CallBackAsync(
        string body, string? signature, string provider = "sandbox", string header = "X-Sandbox-Signature")
    {
        using var client = Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/billing/payments/callback/{provider}");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (signature is not null)
            request.Headers.TryAddWithoutValidation(header, signature);
        return await client.SendAsync(request);
    }

    /// <returns>The outcome.</returns>
    public async Task<string> TellAsync(OrderAnswer order, params (string Name, object? Value)[] changes)
    {
        var body = JsonSerializer.Serialize(Event(order, changes));
        using var answer = await CallBackAsync(body, Sign(body));
        return await OutcomeAsync(answer);
    }

    public static async Task<string> OutcomeAsync(HttpResponseMessage answer)
    {
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, json.ToString());
        return json.GetProperty("outcome").GetString()!;
    }

    /// <returns>The problem's type.</returns>
    public static async Task<string> ProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return JsonDocument.Parse(text).RootElement.GetProperty("type").GetString()!;
    }

    public Task<IReadOnlyList<BillingPaymentSuccess>> PaidAsync() => PublishedAsync<BillingPaymentSuccess>();

    /// <summary>
    /// Moves the clock until it is so. Workers take real time after each move: moved faster, it would end their leases
    /// while they work on a slow machine.
    /// </summary>
    public Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? step = null)
    {
        var moved = new Stopwatch();
        return Wait.UntilAsync(what, async () =>
        {
            if (!moved.IsRunning || moved.Elapsed > TimeSpan.FromSeconds(0.1))
            {
                Clock.Advance(step ?? TimeSpan.FromSeconds(1));
                moved.Restart();
            }
            return await condition();
        });
    }
}
