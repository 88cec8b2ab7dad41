using System.Collections.Concurrent;
using System.Text.Json;
using CloudPhone.PhoneSimulator.Tests;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Media.Tests.Sessions;

/// <summary>The device service as far as it is asked who may see a phone, and where it is; and the user service, as far
/// as it tells which logins have ended.</summary>
sealed class StandInDevices : IAsyncDisposable
{
    readonly WebApplication _web;

    StandInDevices(WebApplication web) => _web = web;

    public (string, string)[] Settings =>
    [
        ("DEVICE_SERVICE_URL", _web.Urls.First()), ("USER_SERVICE_URL", _web.Urls.First()),
        ("REVOCATION_POLL_SECONDS", "1"),
    ];
    public SimulatedPhone? Phone { get; set; }
    /// <summary>Where the phone's adbd is reached; null: where it is.</summary>
    public int? AdbPort { get; set; }
    public Guid DeviceId { get; } = Guid.CreateVersion7();
    public Guid Owner { get; } = Guid.CreateVersion7();
    public string Status { get; set; } = "running";
    /// <summary>By token; what is not here any more is over.</summary>
    public ConcurrentDictionary<string, (Guid Id, string Access)> Shares { get; } = [];
    public bool IsAway { get; set; }
    /// <summary>As one that does not know this service's secret.</summary>
    public bool IsForbidding { get; set; }
    public int Asked { get; private set; }
    public ConcurrentBag<Guid> Revoked { get; } = [];
    /// <summary>Of which the feed of revocations tells nothing any more.</summary>
    public ConcurrentBag<Guid> LongOver { get; } = [];

    public static async Task<StandInDevices> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        var devices = new StandInDevices(web);
        web.MapPost("/internal/phones/access", (HttpContext http, JsonElement body) => devices.IsForbidding
            ? devices.Forbid() : devices.IsAway || !http.Request.Headers.ContainsKey("X-Service-Token")
                ? Results.StatusCode(503) : Results.Ok(devices.Answer(body)));
        web.MapGet("/internal/revocations", () =>
            new RevocationFeed(DateTimeOffset.UtcNow, [.. devices.Revoked], More: false));
        web.MapPost(OverSidsRequest.Path, (OverSidsRequest asked) =>
            new OverSidsAnswer([.. asked.Sids.Intersect(devices.LongOver)]));
        await web.StartAsync();
        return devices;
    }

    IResult Forbid()
    {
        Asked++;
        return Results.StatusCode(403);
    }

    object Answer(JsonElement body)
    {
        Asked++;
        Guid? user = body.GetProperty("userId").ValueKind == JsonValueKind.Null ? null
            : body.GetProperty("userId").GetGuid();
        var share = body.GetProperty("shareToken").GetString() is { } token
            && Shares.TryGetValue(token, out var s) ? s : default;
        var mayAsk = body.GetProperty("deviceId").ValueKind == JsonValueKind.Null
            ? share.Access is not null
            : body.GetProperty("deviceId").GetGuid() == DeviceId
                && (user == Owner || body.GetProperty("isOperator").GetBoolean());
        if (!mayAsk)
            return new { outcome = "refused", access = (string?)null, deviceId = (Guid?)null, ownerId = (Guid?)null };
        var isOn = Status == "running";
        return new
        {
            outcome = !isOn ? "not-running" : Phone is null ? "unreachable" : "granted",
            access = share.Access ?? "control", deviceId = DeviceId, ownerId = Owner, name = "phone", status = Status,
            host = isOn && Phone is not null ? "127.0.0.1" : null, port = isOn ? AdbPort ?? Phone?.AdbPort : null,
            shareId = share.Access is null ? (Guid?)null : share.Id,
        };
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
