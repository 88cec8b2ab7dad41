using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Billing.Tests.Refunds;

/// <summary>The user service as far as refunds call it, with its promise: idempotent by refund id.</summary>
sealed class FakeLedger : IAsyncDisposable
{
    readonly WebApplication _web;
    readonly Lock _gate = new();

    FakeLedger(WebApplication web) => _web = web;

    public (string, string) Setting => ("USER_SERVICE_URL", _web.Urls.First());
    public decimal Balance { get; set; } = 1000;
    /// <summary>Refund id to what is held; 0: it was released.</summary>
    public ConcurrentDictionary<Guid, decimal> Holds { get; } = [];
    public int Calls { get; private set; }
    public bool IsAway { get; set; }
    /// <summary>Of the user's quota.</summary>
    public object Limits { get; set; } = new { maxDevices = 5, totalCpuCores = 16, totalMemoryGB = 32 };
    /// <summary>Holds are made, and answered once it is completed.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;
    /// <inheritdoc cref="Gate"/>
    public Task ReleaseGate { get; set; } = Task.CompletedTask;

    public static async Task<FakeLedger> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        var ledger = new FakeLedger(web);
        web.Use(async (http, next) =>
        {
            if (ledger.IsAway)
                http.Response.StatusCode = 503;
            else if (!http.Request.Headers.ContainsKey("X-Service-Token")
                || (http.Request.Method == "POST" && !http.Request.Headers.ContainsKey("Idempotency-Key")))
                http.Response.StatusCode = 401;
            else
                await next();
        });
        web.MapPost("/internal/ledger/hold", async (JsonElement b) =>
        {
            var outcome = ledger.Hold(
                b.GetProperty("refundId").GetGuid(), b.GetProperty("amount").GetDecimal(), b.GetProperty("currency"));
            await ledger.Gate;
            return new { outcome };
        });
        web.MapPost("/internal/ledger/release", async (JsonElement b) =>
        {
            ledger.Release(b.GetProperty("refundId").GetGuid());
            await ledger.ReleaseGate;
            return new { };
        });
        web.MapGet("/internal/quotas/limits", () => ledger.Limits);
        await web.StartAsync();
        return ledger;
    }

    string Hold(Guid refundId, decimal amount, JsonElement currency)
    {
        lock (_gate)
        {
            Calls++;
            Assert.Equal("CNY", currency.GetString());
            if (Holds.ContainsKey(refundId))
                return "held";
            if (Balance < amount)
                return "insufficient";
            Balance -= amount;
            Holds[refundId] = amount;
            return "held";
        }
    }

    void Release(Guid refundId)
    {
        lock (_gate)
        {
            Calls++;
            if (Holds.TryGetValue(refundId, out var held)) // what is released already is 0
                (Balance, Holds[refundId]) = (Balance + held, 0);
        }
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
