using System.Net.Http.Json;
using CloudPhone.Apps;
using CloudPhone.Apps.Tests;
using CloudPhone.Contracts;

namespace CloudPhone.Postgres.Tests;

public sealed class AppsTests(Server server)
{
    [Fact]
    public async Task The_catalogue_is_searched_and_an_install_ends_once()
    {
        await using var store = await StoredApps.StartAsync();
        await using var service = await server.StartAsync<AppDb>(("APP_SEED_SAMPLE", "true"), store.Setting);
        using var client = service.As(Guid.CreateVersion7());
        var app = Assert.Single(await client.ItemsAsync("/api/apps"));
        var word = app.Text("packageName")[..8].ToUpperInvariant();
        Assert.Single(await client.ItemsAsync($"/api/apps?q={word}"));
        Assert.Empty(await client.ItemsAsync("/api/apps?q=%25"));
        Assert.Equal("bad-request", (await client.GetAsync("/api/apps?q=%00").JsonAsync(400)).Text("type"));

        using var devices = service.AsService(AppIds.Devices);
        var (installId, deviceId, userId) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var begun = await Http.AtOnceAsync(10, _ => devices.PostAsJsonAsync(
            "/internal/installs/begin", new { installId, deviceId, userId, appId = app.Text("id") }).JsonAsync());
        Assert.All(begun, b => Assert.Equal("pending", b.Text("outcome")));
        await Http.AtOnceAsync(10, _ =>
            devices.PostAsJsonAsync("/internal/installs/result", new { installId, outcome = "installed" }).JsonAsync());
        Assert.Equal(deviceId, Assert.Single(await service.PublishedAsync<AppInstalled>()).DeviceId);
        var install = Assert.Single(await devices.ItemsAsync($"/internal/installs?deviceId={deviceId}"));
        Assert.Equal("installed", install.Text("status"));

        // told twice what is on another phone, it has that once
        var package = new { name = app.Text("packageName"), versionCode = 1 };
        var clone = Guid.CreateVersion7();
        for (var i = 0; i < 2; i++)
            await devices.PostAsJsonAsync(
                "/internal/installs/found", new { deviceId = clone, userId, packages = new[] { package } }).JsonAsync();
        Assert.Single(await devices.ItemsAsync($"/internal/installs?deviceId={clone}"));
    }

    [Fact]
    public async Task A_new_phone_gets_its_pre_installs_once()
    {
        await using var store = await StoredApps.StartAsync();
        await using var service = await server.StartAsync<AppDb>(
            ("APP_SEED_SAMPLE", "true"), ("DEVICE_SERVICE_URL", "http://127.0.0.1:1"), store.Setting);
        var device = Guid.CreateVersion7();
        var e = new DeviceCreated(
            device, Guid.CreateVersion7(), "p", "phone", 2, 4, Guid.Empty, DateTimeOffset.UtcNow, 1);
        await Http.AtOnceAsync(5, _ => service.DeliverAsync(e, "created"));
        using var devices = service.AsService(AppIds.Devices);
        Assert.Single(await devices.ItemsAsync($"/internal/installs?deviceId={device}"));
    }
}
