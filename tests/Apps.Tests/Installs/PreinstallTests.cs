using CloudPhone.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Tests.Installs;

public sealed class PreinstallTests : IAsyncLifetime
{
    readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("cloudphone-test-");
    readonly Guid _user = Guid.CreateVersion7();
    readonly Guid _device = Guid.CreateVersion7();
    StoredApps _store = null!;
    StandInDevices _devices = null!;
    TestService<AppDb> _service = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await StoredApps.StartAsync();
        _devices = await StandInDevices.StartAsync();
        _service = Start(_devices.Url);
    }

    /// <summary>On the same data: a second one is the service after a restart.</summary>
    TestService<AppDb> Start(string devices) =>
        new(("CLOUDPHONE_DATA", _data.FullName), ("APP_SEED_SAMPLE", "true"), ("DEVICE_SERVICE_URL", devices),
            _store.Setting);

    DeviceCreated Created() => new(_device, _user, "phone", "phone", 1, 1, Guid.CreateVersion7(), DateTimeOffset.UtcNow,
        1);
    DeviceDeleted Deleted() => new(_device, _user, "phone", 1, 1, DateTimeOffset.UtcNow, 5);

    static Task<bool> IsDoneAsync(TestService<AppDb> service) =>
        service.InDatabaseAsync(db => db.Set<Apps.Installs.Install>().AnyAsync(i => i.NextAttemptAt == null));

    async Task<List<System.Text.Json.JsonElement>> ListAsync()
    {
        using var client = _service.As(_user);
        return (await client.GetAsync($"/api/apps/installs?deviceId={_device}").JsonAsync()).Items();
    }

    [Fact]
    public async Task A_new_phone_comes_with_the_app_once_however_often_it_is_announced()
    {
        var e = Created();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _service.DeliverAsync(e)));
        await Wait.UntilAsync("the device service has it", () => IsDoneAsync(_service));
        var call = Assert.Single(_devices.Calls);
        var install = Assert.Single(await ListAsync());
        Assert.Equal((_device, install.Id("installId"), install.Id("appId")), call);
        Assert.Equal("pending", install.Text("status"));
        using var devices = _service.AsService(AppIds.Devices);
        var begun = await devices.BeginAsync(call.InstallId, _device, _user, call.AppId).JsonAsync();
        Assert.Equal("com.cloudphone.sample", begun.GetProperty("app").Text("packageName"));
        await devices.ResultAsync(call.InstallId, "installed").JsonAsync();
        Assert.Equal("installed", Assert.Single(await ListAsync()).Text("status"));
        Assert.Equal(call.InstallId, Assert.Single(await _service.PublishedAsync<AppInstalled>()).InstallId);
    }

    [Fact]
    public async Task It_asks_again_until_the_device_service_takes_it()
    {
        _devices.Answer = n => n switch
        {
            1 => Results.StatusCode(503),
            2 => Results.Problem("starting", statusCode: 409),
            _ => Results.Accepted(null, new { installId = Guid.Empty }),
        };
        await _service.DeliverAsync(Created());
        await Wait.UntilAsync("the device service has it", () => IsDoneAsync(_service));
        Assert.Equal(3, _devices.Calls.Count);
        Assert.Single(_devices.Calls.Distinct());
        Assert.Equal("pending", Assert.Single(await ListAsync()).Text("status"));
    }

    [Fact]
    public async Task A_phone_that_the_device_service_does_not_know_is_gone()
    {
        _devices.Answer = _ => Results.Problem(statusCode: 404);
        await _service.DeliverAsync(Created());
        await Wait.UntilAsync("it is given up", () => IsDoneAsync(_service));
        Assert.Empty(await ListAsync());
        Assert.Empty(await _service.PublishedAsync<AppInstallFailed>());
    }

    [Fact]
    public async Task Deleted_before_created_leaves_nothing()
    {
        (await _service.DeliverAsync(Deleted())).EnsureSuccessStatusCode();
        (await _service.DeliverAsync(Created())).EnsureSuccessStatusCode();
        Assert.Equal(0, await _service.InDatabaseAsync(db => db.Set<Apps.Installs.Install>().CountAsync()));
        Assert.Empty(_devices.Calls);
    }

    [Fact]
    public async Task Deleted_while_it_waits_ends_the_asking()
    {
        _devices.Answer = _ => Results.StatusCode(503);
        await _service.DeliverAsync(Created());
        await Wait.UntilAsync("it was asked", () => !_devices.Calls.IsEmpty);
        await _service.DeliverAsync(Deleted());
        await Wait.UntilAsync("nothing waits", () =>
            _service.InDatabaseAsync(db => db.Set<Apps.Installs.Install>().AllAsync(i => i.NextAttemptAt == null)));
        Assert.Empty(await ListAsync());
        Assert.Empty(await _service.PublishedAsync<AppInstallFailed>());
    }

    [Fact]
    public async Task What_waited_when_the_process_ended_goes_on_in_the_next()
    {
        await using (var first = Start("http://127.0.0.1:1"))
        {
            (await first.DeliverAsync(Created())).EnsureSuccessStatusCode();
            // as after a SIGKILL with the call in hand: taken, and nobody there to renew the lease
            var later = DateTimeOffset.UtcNow.AddSeconds(3);
            await first.InDatabaseAsync(db => db.Set<Apps.Installs.Install>()
                .ExecuteUpdateAsync(s => s.SetProperty(i => i.NextAttemptAt, later)));
        }
        Assert.Empty(_devices.Calls);
        Assert.Equal("pending", Assert.Single(await ListAsync()).Text("status"));
        await Wait.UntilAsync("the device service has it", () => IsDoneAsync(_service));
        Assert.Single(_devices.Calls);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _devices.DisposeAsync();
        await _store.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
