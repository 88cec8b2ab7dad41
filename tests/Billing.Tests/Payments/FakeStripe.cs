using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace CloudPhone.Billing.Tests.Payments;

/// <summary>
/// Speaks the wire format of Stripe's API as far as this platform uses it: forms in, JSON out, keys that make a
/// repetition harmless, errors in their envelope.
/// </summary>
sealed class FakeStripe : IAsyncDisposable
{
    public const string Key = "sk_test_of_the_tests";
    public const string WebhookSecret = "whsec_of_the_tests";
    readonly WebApplication _web;
    readonly ConcurrentDictionary<string, (string Form, JsonObject Answer)> _answers = new();

    FakeStripe(WebApplication web) => _web = web;

    public ConcurrentDictionary<string, JsonObject> Sessions { get; } = [];
    public ConcurrentDictionary<string, JsonObject> Refunds { get; } = [];
    public ConcurrentQueue<(string Call, Dictionary<string, StringValues> Form)> Calls { get; } = [];
    /// <summary>What the next refunds become.</summary>
    public string RefundStatus { get; set; } = "succeeded";
    /// <summary>So many calls fail before they do anything.</summary>
    public int Failures { get; set; }
    /// <summary>So many calls do what they are asked, and then fail.</summary>
    public int LateFailures { get; set; }
    /// <summary>A refusal of every write, by Stripe's code.</summary>
    public string? Refusal { get; set; }
    /// <summary>A refusal of every question, by Stripe's code.</summary>
    public string? ReadRefusal { get; set; }
    /// <summary>The status of that refusal.</summary>
    public int ReadStatus { get; set; } = 404;
    /// <summary>So many times an open session can't be closed.</summary>
    public int StuckSessions { get; set; }
    /// <summary>Runs when a session is there and its answer is not.</summary>
    public Func<JsonObject, Task> OnSession { get; set; } = _ => Task.CompletedTask;
    /// <summary>Refunds are made, and answered once it is completed.</summary>
    public Task RefundGate { get; set; } = Task.CompletedTask;

    public (string, string)[] Settings =>
    [
        ("STRIPE_SECRET_KEY", Key), ("STRIPE_WEBHOOK_SECRET", WebhookSecret), ("STRIPE_API_BASE", _web.Urls.First()),
        ("PUBLIC_URL", "https://phones.example"),
    ];

    public static async Task<FakeStripe> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        var stripe = new FakeStripe(web);
        web.MapPost("/v1/checkout/sessions", http => stripe.AnswerAsync(http, stripe.CreateSessionAsync));
        web.MapPost("/v1/checkout/sessions/{id}/expire", http => stripe.AnswerAsync(http, stripe.ExpireAsync));
        web.MapGet("/v1/checkout/sessions/{id}", http => stripe.AnswerAsync(http, stripe.GetSessionAsync));
        web.MapGet("/v1/payment_intents/{id}", http => stripe.AnswerAsync(http, stripe.GetIntentAsync));
        web.MapPost("/v1/refunds", http => stripe.AnswerAsync(http, stripe.CreateRefundAsync));
        web.MapGet("/v1/refunds/{id}", http => stripe.AnswerAsync(http, stripe.GetRefundAsync));
        web.MapGet("/v1/refunds", http => stripe.AnswerAsync(http, stripe.ListRefundsAsync));
        await web.StartAsync();
        return stripe;
    }

    async Task AnswerAsync(HttpContext http, Func<HttpContext, Dictionary<string, StringValues>, Task<JsonObject>> act)
    {
        var form = http.Request.HasFormContentType
            ? (await http.Request.ReadFormAsync()).ToDictionary() : [];
        Calls.Enqueue(($"{http.Request.Method} {http.Request.Path}", form));
        var text = JsonSerializer.Serialize(form);
        var key = http.Request.Headers["Idempotency-Key"].ToString();
        var (status, answer) = http.Request.Headers.Authorization != $"Bearer {Key}" ? (401, Error("invalid_api_key"))
            : Failures-- > 0 ? (500, Error("api_error"))
            : http.Request.Method == "POST" && key.Length == 0 ? (400, Error("no_idempotency_key"))
            : http.Request.Method == "POST" && Refusal is { } refusal ? (402, Error(refusal))
            : http.Request.Method == "GET" && ReadRefusal is { } unread ? (ReadStatus, Error(unread))
            : _answers.TryGetValue(key, out var known)
                ? known.Form == text ? (200, known.Answer) : (400, Error("idempotency_key_in_use"))
            : (200, await act(http, form));
        if (key.Length > 0 && status == 200)
            _answers[key] = (text, answer);
        http.Response.StatusCode = LateFailures-- > 0 ? 502
            : answer["error"]?["code"]?.ToString() == "resource_missing" ? 404
            : answer.ContainsKey("error") && status == 200 ? 400 : status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.ToJsonString());
    }

    static JsonObject Error(string code) => new()
    {
        ["error"] = new JsonObject
        {
            ["type"] = "invalid_request_error", ["code"] = code, ["message"] = $"No: {code}.",
        },
    };

    async Task<JsonObject> CreateSessionAsync(HttpContext http, Dictionary<string, StringValues> form)
    {
        var id = $"cs_test_{Guid.NewGuid():N}";
        var session = new JsonObject
        {
            ["id"] = id, ["object"] = "checkout.session", ["url"] = $"https://checkout.stripe.example/{id}",
            ["client_reference_id"] = form["client_reference_id"].ToString(), ["status"] = "open",
            ["payment_status"] = "unpaid", ["currency"] = form["line_items[0][price_data][currency]"].ToString(),
            ["amount_total"] = long.Parse(
                form["line_items[0][price_data][unit_amount]"].ToString(), CultureInfo.InvariantCulture),
            ["metadata"] = Metadata(form), ["payment_intent"] = null,
        };
        Sessions[id] = session;
        await OnSession(session);
        return session;
    }

    static JsonObject Metadata(Dictionary<string, StringValues> form) => new(form
        .Where(f => f.Key.StartsWith("metadata[", StringComparison.Ordinal))
        .Select(f => KeyValuePair.Create(f.Key[9..^1], (JsonNode?)f.Value.ToString())));

    /// <summary>The user pays, and Stripe has told nobody yet.</summary>
    public JsonObject Pay(string sessionId, string paymentStatus = "paid")
    {
        var session = Sessions[sessionId];
        (session["status"], session["payment_status"]) = ("complete", paymentStatus);
        session["payment_intent"] = $"pi_{sessionId}";
        return session;
    }

    Task<JsonObject> ExpireAsync(HttpContext http, Dictionary<string, StringValues> form)
    {
        var session = Sessions[http.Request.RouteValues["id"]!.ToString()!];
        if (session["status"]!.GetValue<string>() != "open")
            return Task.FromResult(Error("session_not_open"));
        if (StuckSessions-- > 0)
            return Task.FromResult(Error("session_in_use"));
        session["status"] = "expired";
        return Task.FromResult(session);
    }

    Task<JsonObject> GetSessionAsync(HttpContext http, Dictionary<string, StringValues> form) =>
        Task.FromResult(Sessions[http.Request.RouteValues["id"]!.ToString()!]);

    /// <summary>It has the metadata that the session gave to it.</summary>
    Task<JsonObject> GetIntentAsync(HttpContext http, Dictionary<string, StringValues> form)
    {
        var id = http.Request.RouteValues["id"]!.ToString()!;
        var session = Sessions.Values.FirstOrDefault(s => s["payment_intent"]?.ToString() == id);
        return Task.FromResult(session is null ? Error("resource_missing") : new()
        {
            ["id"] = id, ["object"] = "payment_intent", ["metadata"] = session["metadata"]!.DeepClone(),
        });
    }

    async Task<JsonObject> CreateRefundAsync(HttpContext http, Dictionary<string, StringValues> form)
    {
        var refund = NewRefund(
            form["payment_intent"].ToString(), long.Parse(form["amount"].ToString(), CultureInfo.InvariantCulture),
            Metadata(form));
        await RefundGate;
        return refund;
    }

    /// <summary>As the API makes them, or somebody by hand.</summary>
    public JsonObject NewRefund(string paymentIntent, long amount, JsonObject? metadata = null)
    {
        var id = $"re_{Guid.NewGuid():N}";
        return Refunds[id] = new()
        {
            ["id"] = id, ["object"] = "refund", ["amount"] = amount, ["currency"] = "cny", ["status"] = RefundStatus,
            ["payment_intent"] = paymentIntent, ["metadata"] = metadata ?? [],
        };
    }

    Task<JsonObject> GetRefundAsync(HttpContext http, Dictionary<string, StringValues> form) =>
        Task.FromResult(Refunds[http.Request.RouteValues["id"]!.ToString()!]);

    Task<JsonObject> ListRefundsAsync(HttpContext http, Dictionary<string, StringValues> form) =>
        Task.FromResult(new JsonObject
        {
            ["object"] = "list", ["has_more"] = false, ["url"] = "/v1/refunds",
            ["data"] = new JsonArray([.. Refunds.Values
                .Where(r => r["payment_intent"]!.ToString() == http.Request.Query["payment_intent"])
                .Select(r => r.DeepClone())]),
        });

    /// <summary>The body of a webhook.</summary>
    public static string Event(string type, JsonObject about, string? id = null) => new JsonObject
    {
        ["id"] = id ?? $"evt_{Guid.NewGuid():N}", ["object"] = "event", ["api_version"] = "2024-06-20",
        ["created"] = PayService.Start.ToUnixTimeSeconds(), ["livemode"] = false, ["pending_webhooks"] = 1,
        ["type"] = type, ["data"] = new JsonObject { ["object"] = about.DeepClone() },
    }.ToJsonString();

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
