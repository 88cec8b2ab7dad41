using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using CloudPhone.Apps.Tests;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Devices.Tests.Testing;

/// <summary>The user, scheduler and app services as far as the device service calls them, with their promises:
/// idempotent by id.</summary>
sealed class Siblings : IAsyncDisposable
{
    /// <summary>Where all phones are placed.</summary>
    public const string NodeName = "here";
    public static readonly Guid NodeId = Guid.Parse("0190d3a0-0000-7000-8000-0000000000aa");
    readonly WebApplication _web;

    Siblings(WebApplication web) => _web = web;

    public string Address => _web.Urls.First();
    public bool UsersAreAway { get; set; }
    public bool AppsAreAway { get; set; }
    /// <summary>The scheduler places, and then dies before it answers; it gives nothing back.</summary>
    public bool SchedulerDies { get; set; }
    /// <summary>Reservations are answered once it is completed.</summary>
    public Task QuotaGate { get; set; } = Task.CompletedTask;
    public int MaxDevices { get; set; } = 100;
    /// <summary>Of a quota that is over.</summary>
    public DateTimeOffset? QuotaEndedAt { get; set; }
    public int NodeRoom { get; set; } = 100;
    /// <summary>The outcome for phones with a reservation; null: they are placed.</summary>
    public string? ReservationOutcome { get; set; }
    /// <summary>Those that phones were placed with.</summary>
    public ConcurrentQueue<Guid> Reservations { get; } = [];
    /// <summary>The other node, for phones that move; null: there is none.</summary>
    public string? NodeToMoveTo { get; set; }
    /// <summary>The nodes that were said to be there, each time.</summary>
    public ConcurrentQueue<string> Beats { get; } = [];
    public ConcurrentQueue<JsonElement> Registrations { get; } = [];
    /// <summary>Device id to <c>reserved</c>, <c>counted</c> or <c>released</c>.</summary>
    public ConcurrentDictionary<Guid, string> Quota { get; } = [];
    public ConcurrentDictionary<Guid, bool> Placements { get; } = [];
    /// <summary>App id to the outcome of begin.</summary>
    public ConcurrentDictionary<Guid, string> Apps { get; } = [];
    /// <summary>Install id to the results that were told.</summary>
    public ConcurrentDictionary<Guid, ConcurrentQueue<string>> Results { get; } = [];
    /// <summary>Packages that are said to be off a phone.</summary>
    public ConcurrentQueue<string> Removed { get; } = [];
    public bool NothingNewer { get; set; }
    /// <summary>Phones have a newer version of each app.</summary>
    public bool OnlyOlder { get; set; }
    /// <summary>All parts of an app but the first come once it is completed.</summary>
    public Task PartGate { get; set; } = Task.CompletedTask;
    public ConcurrentQueue<string?> RequestIds { get; } = [];
    public ConcurrentQueue<string> Traces { get; } = [];
    /// <summary>Small, so that every app has several.</summary>
    const int PartBytes = 150;
    public byte[] Apk { get; set; } = TestApk.Of("org.example.app", 3, "1.2");
    /// <summary>Sessions of which the feed tells that they were revoked.</summary>
    public ConcurrentQueue<Guid> Revoked { get; } = [];
    /// <summary>Sessions that are over, where that is asked.</summary>
    public ConcurrentQueue<Guid> Over { get; } = [];
    readonly Lock _gate = new();

    public int Held => Quota.Values.Count(v => v != "released");

    public static async Task<Siblings> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        var siblings = new Siblings(web);
        siblings.Map();
        await web.StartAsync();
        return siblings;
    }

    void Map()
    {
        _web.Use(async (http, next) =>
        {
            // asked for now and then, in nobody's name
            if (http.Request.Path == "/internal/revocations")
            {
                var feed = new RevocationFeed(DateTimeOffset.UtcNow, [.. Revoked], false);
                await TypedResults.Json(feed).ExecuteAsync(http);
                return;
            }
            if (http.Request.Path == OverSidsRequest.Path)
            {
                await TypedResults.Json(new OverSidsAnswer([.. Over])).ExecuteAsync(http);
                return;
            }
            RequestIds.Enqueue(http.Request.Headers["X-Request-ID"]);
            Traces.Enqueue($"{http.Request.Headers.TraceParent}".Split('-').ElementAtOrDefault(1) ?? "");
            var path = http.Request.Path.Value!;
            var isAway = (UsersAreAway && path.Contains("quota", StringComparison.Ordinal))
                || (AppsAreAway && (path.Contains("install", StringComparison.Ordinal)
                    || path.Contains("files", StringComparison.Ordinal)));
            if (isAway)
                http.Response.StatusCode = 503;
            else
                await next();
        });
        _web.MapPost("/internal/quotas/reserve", async (JsonElement b) =>
        {
            await QuotaGate;
            return Reserve(Id(b));
        });
        _web.MapPost("/api/quotas/user/{userId}/usage", (JsonElement b) =>
            Count(Id(b), b.GetProperty("operation").GetString()!));
        _web.MapPost("/internal/placements/place", (JsonElement b) =>
            Reserved(b) ?? (Place(Id(b)) is var answer && SchedulerDies ? TypedResults.StatusCode(503) : answer));
        _web.MapPost("/internal/placements/move", (JsonElement b) => NodeToMoveTo is not { } node
            ? Microsoft.AspNetCore.Http.Results.Ok(new { outcome = "no-capacity" })
            : Microsoft.AspNetCore.Http.Results.Ok(
                new { outcome = "moved", nodeId = Guid.CreateVersion7(), nodeName = node }));
        _web.MapPost("/internal/nodes/register", (JsonElement b) =>
        {
            Registrations.Enqueue(b);
            return Results("registered");
        });
        _web.MapPost("/internal/nodes/heartbeat", (JsonElement b) =>
        {
            Beats.Enqueue(string.Join(',', b.GetProperty("names").EnumerateArray().Select(n => n.GetString())));
            return Microsoft.AspNetCore.Http.Results.Ok(new { unknown = Array.Empty<string>() });
        });
        _web.MapPost("/internal/placements/release", (JsonElement b) =>
        {
            if (SchedulerDies)
                return TypedResults.StatusCode(503);
            Placements.TryRemove(Id(b), out _);
            return Results("released");
        });
        _web.MapGet("/internal/installs/check", (Guid appId, bool onlyNewer) => Results(
            onlyNewer && NothingNewer ? "not-newer"
            : OnlyOlder ? "older"
            : Apps.TryGetValue(appId, out var begin) ? begin == "not-available" ? begin : "available" : "unknown-app"));
        _web.MapPost("/internal/installs/begin", (JsonElement b) => Begin(b.GetProperty("appId").GetGuid()));
        _web.MapPost("/internal/installs/result", (JsonElement b) =>
        {
            this.Results.GetOrAdd(b.GetProperty("installId").GetGuid(), _ => [])
                .Enqueue(b.GetProperty("outcome").GetString()!);
            return Results("recorded");
        });
        _web.MapPost("/internal/installs/uninstalled", (JsonElement b) =>
        {
            Removed.Enqueue(b.GetProperty("packageName").GetString()!);
            return Results("recorded");
        });
        _web.MapPost("/internal/installs/found", (JsonElement b) => TypedResults.Json(new
        {
            apps = b.GetProperty("packages").EnumerateArray().Select(p => new
            {
                appId = Apps.Keys.Single(), name = "An app", packageName = p.GetProperty("name").GetString(),
                version = $"1.{p.GetProperty("versionCode").GetInt64() - 1}",
            }),
        }));
        _web.MapGet("/internal/files", async (int part) =>
        {
            if (part > 0)
                await PartGate;
            return TypedResults.Bytes(Apk[(part * PartBytes)..Math.Min(Apk.Length, (part + 1) * PartBytes)]);
        });

        static Guid Id(JsonElement b) => b.GetProperty("deviceId").GetGuid();
        static IResult Results(string outcome) => TypedResults.Json(new { outcome });
    }

    IResult Reserve(Guid id)
    {
        lock (_gate)
        {
            var ok = Quota.ContainsKey(id) || Held < MaxDevices;
            if (ok)
                Quota.TryAdd(id, "reserved");
            return TypedResults.Json(new
            {
                outcome = ok ? "reserved" : "refused", reason = ok ? null : "No more phones.",
                limits = new { maxDevices = MaxDevices, totalCpuCores = 100, totalMemoryGB = 200 },
                usage = new { currentDevices = Held, usedCpuCores = Held, usedMemoryGB = Held },
                remaining = new { devices = MaxDevices - Held, cpuCores = 100 - Held, memoryGB = 200 - Held },
                validUntil = QuotaEndedAt,
            });
        }
    }

    IResult Count(Guid id, string operation)
    {
        lock (_gate)
            Quota[id] = operation == "decrement" || Quota.GetValueOrDefault(id) == "released" ? "released" : "counted";
        return TypedResults.Json(new { });
    }

    IResult? Reserved(JsonElement b)
    {
        if (!b.TryGetProperty("reservationId", out var id) || id.ValueKind == JsonValueKind.Null)
            return null;
        Reservations.Enqueue(id.GetGuid());
        return ReservationOutcome is { } outcome
            ? TypedResults.Json(new { outcome, reservationState = "expired" }) : null;
    }

    IResult Place(Guid id)
    {
        lock (_gate)
        {
            if (!Placements.ContainsKey(id) && Placements.Count >= NodeRoom)
                return TypedResults.Json(new { outcome = "no-capacity" });
            Placements[id] = true;
        }
        return TypedResults.Json(
            new { outcome = "placed", nodeId = NodeId, nodeName = NodeName });
    }

    IResult Begin(Guid appId)
    {
        var outcome = Apps.GetValueOrDefault(appId, "unknown-app");
        var app = new
        {
            appId, name = "An app", packageName = "org.example.app", version = "1.2", versionCode = 3,
            sha256 = Convert.ToHexStringLower(SHA256.HashData(Apk)), size = Apk.Length, fileId = "f1",
            partBytes = PartBytes,
        };
        return TypedResults.Json(new { outcome, app = outcome == "unknown-app" ? null : app });
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
