using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Testing;

/// <summary>
/// What the user and the device service say of a user's quota and phones, for the scheduler: plenty, unless a test says
/// otherwise.
/// </summary>
public sealed class UserTermsStub : IAsyncDisposable
{
    readonly WebApplication _web;

    public UserTermsStub()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _web = builder.Build();
        _web.Urls.Add("http://127.0.0.1:0");
        _web.MapGet("/internal/devices/offer", (Guid userId) => IsAway ? Results.StatusCode(503) : Results.Ok(new
        {
            refusal = Refusals.GetValueOrDefault(userId), reason = "It is so.", maxCpuCores = 16, maxMemoryGB = 64,
            templates = new[] { new { name = "small", cpuCores = 2, memoryGB = 4 } },
        }));
        _web.MapGet("/internal/quotas/standing", () => UsersAreAway ? Results.StatusCode(503) : Results.Ok(new
        {
            limits = new { maxDevices = MaxDevices, totalCpuCores = 100, totalMemoryGB = 200 },
            usage = new { currentDevices = 1, usedCpuCores = 4, usedMemoryGB = 8 }, validUntil = QuotaEndedAt,
        }));
        _web.Start();
    }

    public (string, string)[] Settings =>
        [("USER_SERVICE_URL", _web.Urls.First()), ("DEVICE_SERVICE_URL", _web.Urls.First())];

    public bool IsAway { get; set; }
    public bool UsersAreAway { get; set; }
    public int MaxDevices { get; set; } = 50;
    public DateTimeOffset? QuotaEndedAt { get; set; }
    /// <summary>Why a user gets no phones.</summary>
    public ConcurrentDictionary<Guid, string> Refusals { get; } = new();

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
