using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Apps.Tests.Installs;

/// <summary>A server in the device service's place: it answers as it is told, and keeps what it was asked.</summary>
sealed class StandInDevices(WebApplication web) : IAsyncDisposable
{
    public ConcurrentQueue<(Guid DeviceId, Guid InstallId, Guid AppId)> Calls { get; } = new();
    public Func<int, IResult> Answer { get; set; } = _ => Results.Accepted(null, new { installId = Guid.Empty });
    public string Url => web.Urls.First();

    public static async Task<StandInDevices> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        var devices = new StandInDevices(web);
        web.MapPost("/api/devices/{id:guid}/install", (Guid id, JsonElement body) =>
        {
            devices.Calls.Enqueue((id, body.GetProperty("installId").GetGuid(), body.GetProperty("appId").GetGuid()));
            return devices.Answer(devices.Calls.Count);
        });
        await web.StartAsync();
        return devices;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();
}
