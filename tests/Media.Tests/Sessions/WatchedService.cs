using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Media.Sessions;
using CloudPhone.PhoneSimulator.Tests;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Media.Tests.Sessions;

/// <summary>The service, a phone's process, and whoever watches it.</summary>
sealed class WatchedService : IAsyncDisposable
{
    WatchedService(
        StandInDevices devices, SimulatedPhone phone, TimeProvider? clock, params (string, string)[] settings)
    {
        (Devices, Phone) = (devices, phone);
        devices.Phone = phone;
        Service = new([.. devices.Settings, ("MEDIA_UDP_PORT", "0"), .. settings]);
        if (clock is not null)
            Service.With(clock);
    }

    public StandInDevices Devices { get; }
    public SimulatedPhone Phone { get; }
    public TestService<MediaDb> Service { get; }

    public static async Task<WatchedService> StartAsync(params (string, string)[] settings) =>
        new(await StandInDevices.StartAsync(), await SimulatedPhone.StartAsync(), null, settings);

    public static async Task<WatchedService> StartAsync(TimeProvider clock) =>
        new(await StandInDevices.StartAsync(), await SimulatedPhone.StartAsync(), clock);

    /// <summary>Another process of it, on the same database.</summary>
    public TestService<MediaDb> Again() => new(Service.Settings);

    public async Task<HttpResponseMessage> PostAsync(object body, Guid? user = null)
    {
        using var client = Service.As(user ?? Devices.Owner);
        return await client.PostAsJsonAsync("/api/media/sessions", body);
    }

    /// <summary>A session without WebRTC.</summary>
    public async Task<JsonElement> OpenAsync(string? share = null)
    {
        using var client = share is null ? Service.As(Devices.Owner) : Service.Anonymous();
        using var answer = share is null
            ? await client.PostAsJsonAsync("/api/media/sessions", new { deviceId = Devices.DeviceId })
            : await client.PostAsJsonAsync("/api/media/shared-sessions", new { shareToken = share });
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.StatusCode == HttpStatusCode.Created, json.ToString());
        return json;
    }

    public async Task<TestSocket> WatchAsync(string? share = null) => await SocketAsync(await OpenAsync(share));

    public Task<TestSocket> SocketAsync(JsonElement session, string? token = null, Task? reads = null) =>
        TestSocket.OpenAsync(
        new UriBuilder(new Uri(Service.Anonymous().BaseAddress!, session.GetProperty("socket").GetString()))
        {
            Scheme = "ws", Query = $"token={token ?? session.GetProperty("token").GetString()}",
        }.Uri, reads);

    public string Share(string access = "view")
    {
        var token = $"cps_{Guid.NewGuid():N}";
        Devices.Shares[token] = (Guid.CreateVersion7(), access);
        return token;
    }

    public Task<List<StreamSession>> RowsAsync() => Service.InDatabaseAsync(
        db => ((MediaDb)db).Sessions.AsNoTracking().OrderBy(s => s.Id).ToListAsync());

    /// <returns>The problem's type.</returns>
    public static async Task<string> ProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {json}");
        return json.GetProperty("type").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Devices.DisposeAsync();
        await Phone.DisposeAsync();
    }
}
