using System.Net.Http.Json;
using CloudPhone.Apps.Storage;
using CloudPhone.Contracts;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Apps.Tests.Installs;

public sealed class InstallTests : AppTest
{
    readonly Guid _user = Guid.CreateVersion7();
    readonly Guid _device = Guid.CreateVersion7();
    HttpClient _devices = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _devices = Service.AsService(AppIds.Devices);
    }

    async Task<Guid> NewAppAsync(uint code = 1) => (await Operator.UploadAsync(TestApk.Of(code: code)).JsonAsync(201))
        .Id();

    DeviceDeleted Deleted() => new(_device, _user, "phone", 1, 1, DateTimeOffset.UtcNow, 5);

    [Fact]
    public async Task An_install_begins_once_ends_once_and_is_told_once()
    {
        var (app, install) = (await NewAppAsync(), Guid.CreateVersion7());
        var begun = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => _devices.BeginAsync(install, _device, _user, app).JsonAsync()));
        Assert.All(begun, b => Assert.Equal("pending", b.Text("outcome")));
        var what = begun[0].GetProperty("app");
        Assert.Equal(("com.example.app", "1.0", 1),
            (what.Text("packageName"), what.Text("version"), what.GetProperty("versionCode").GetInt64()));
        Assert.Equal(TestApk.Of().Length, what.GetProperty("size").GetInt64());
        var results = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => _devices.ResultAsync(install, "installed").JsonAsync()));
        Assert.All(results, r => Assert.Equal("recorded", r.Text("outcome")));
        await _devices.ResultAsync(install, "failed", "too late").JsonAsync();
        Assert.Equal((install, _user, "An app"), Assert.Single(await Service.PublishedAsync<AppInstalled>()) is var e
            ? (e.InstallId, e.UserId, e.AppName) : default);
        Assert.Empty(await Service.PublishedAsync<AppInstallFailed>());
        Assert.Equal("installed", (await _devices.BeginAsync(install, _device, _user, app).JsonAsync())
            .Text("outcome"));
        var listed = (await _devices.GetAsync($"/internal/installs?deviceId={_device}").JsonAsync()).Items().Single();
        Assert.Equal((install, app, "installed"), (listed.Id("installId"), listed.Id("appId"), listed.Text("status")));
    }

    [Fact]
    public async Task A_newer_version_on_the_same_phone_is_an_update_and_a_begun_install_keeps_its_version()
    {
        var app = await NewAppAsync();
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var old = await _devices.BeginAsync(first, _device, _user, app).JsonAsync();
        await Operator.AddVersionAsync(app, TestApk.Of(code: 2)).JsonAsync(201);
        var again = await _devices.BeginAsync(first, _device, _user, app).JsonAsync();
        Assert.Equal(old.GetProperty("app").Id("fileId"), again.GetProperty("app").Id("fileId"));
        await _devices.ResultAsync(first, "installed").JsonAsync();
        await _devices.BeginAsync(second, _device, _user, app).JsonAsync();
        await _devices.ResultAsync(second, "installed").JsonAsync();
        var updated = Assert.Single(await Service.PublishedAsync<AppUpdated>());
        Assert.Equal((second, "1.0", "2.0"), (updated.InstallId, updated.OldVersion, updated.NewVersion));
        Assert.Single(await Service.PublishedAsync<AppInstalled>());
    }

    [Fact]
    public async Task A_failure_is_recorded_with_its_reason_and_told()
    {
        var (app, install) = (await NewAppAsync(), Guid.CreateVersion7());
        await _devices.BeginAsync(install, _device, _user, app).JsonAsync();
        await _devices.ResultAsync(install, "failed", new string('x', 600)).JsonAsync();
        await _devices.ResultAsync(install, "installed").JsonAsync();
        Assert.Equal(new string('x', 500), Assert.Single(await Service.PublishedAsync<AppInstallFailed>()).Reason);
        Assert.Empty(await Service.PublishedAsync<AppInstalled>());
        using var user = Service.As(_user);
        Assert.Equal("failed", (await user.GetAsync("/api/apps/installs").JsonAsync()).Items().Single().Text("status"));
    }

    [Fact]
    public async Task What_can_be_installed_is_told_before()
    {
        var app = await NewAppAsync();
        Assert.Equal("available", await CheckAsync(app));
        Assert.Equal("unknown-app", await CheckAsync(Guid.CreateVersion7()));
        await Operator.DeleteAsync($"/api/apps/{app}").JsonAsync(204);
        Assert.Equal("not-available", await CheckAsync(app));
    }

    async Task<string?> CheckAsync(Guid app) =>
        (await _devices.GetAsync($"/internal/installs/check?appId={app}").JsonAsync()).Text("outcome");

    [Fact]
    public async Task What_is_not_in_the_catalogue_is_refused_and_the_user_told_once()
    {
        var (unknown, gone) = (Guid.CreateVersion7(), await NewAppAsync());
        await Operator.DeleteAsync($"/api/apps/{gone}").JsonAsync(204);
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("unknown-app", (await _devices.BeginAsync(first, _device, _user, unknown).JsonAsync())
                .Text("outcome"));
            Assert.Equal("not-available", (await _devices.BeginAsync(second, _device, _user, gone).JsonAsync())
                .Text("outcome"));
        }
        Assert.Equal([first, second], (await Service.PublishedAsync<AppInstallFailed>()).Select(e => e.InstallId));
        Assert.Equal("unknown", (await _devices.ResultAsync(Guid.NewGuid(), "installed").JsonAsync()).Text("outcome"));
    }

    [Fact]
    public async Task While_its_file_is_on_the_way_into_the_store_nothing_is_decided_about_an_install()
    {
        var (app, install) = (await NewAppAsync(), Guid.CreateVersion7());
        await Service.InDatabaseAsync(db => db.Set<StoredFile>().ExecuteDeleteAsync());
        Assert.Equal("available", await CheckAsync(app));
        await _devices.BeginAsync(install, _device, _user, app).ProblemAsync(503, "storage-unavailable");
        Assert.Empty((await _devices.GetAsync($"/internal/installs?deviceId={_device}").JsonAsync()).Items());
        Assert.Empty(await Service.PublishedAsync<AppInstallFailed>());
    }

    [Fact]
    public async Task After_the_phone_is_deleted_its_installs_are_hidden_and_nothing_is_told()
    {
        var (app, install) = (await NewAppAsync(), Guid.CreateVersion7());
        await _devices.BeginAsync(install, _device, _user, app).JsonAsync();
        (await Service.DeliverAsync(Deleted())).EnsureSuccessStatusCode();
        (await Service.DeliverAsync(Deleted())).EnsureSuccessStatusCode();
        await _devices.ResultAsync(install, "installed").JsonAsync();
        Assert.Equal("not-available", (await _devices.BeginAsync(Guid.CreateVersion7(), _device, _user, app)
            .JsonAsync()).Text("outcome"));
        using var user = Service.As(_user);
        Assert.Empty((await user.GetAsync("/api/apps/installs").JsonAsync()).Items());
        Assert.Empty((await _devices.GetAsync($"/internal/installs?deviceId={_device}").JsonAsync()).Items());
        Assert.Empty(await Service.PublishedAsync<AppInstalled>());
        Assert.Empty(await Service.PublishedAsync<AppInstallFailed>());
    }

    [Fact]
    public async Task Users_see_their_own_installs_and_noService_routes()
    {
        var (app, install) = (await NewAppAsync(), Guid.CreateVersion7());
        await _devices.BeginAsync(install, _device, _user, app).JsonAsync();
        using var user = Service.As(_user);
        using var stranger = Service.As(Guid.CreateVersion7());
        Assert.Single((await user.GetAsync($"/api/apps/installs?deviceId={_device}").JsonAsync()).Items());
        Assert.Empty((await user.GetAsync($"/api/apps/installs?deviceId={Guid.NewGuid()}").JsonAsync()).Items());
        Assert.Empty((await stranger.GetAsync($"/api/apps/installs?deviceId={_device}").JsonAsync()).Items());
        Assert.Single((await Operator.GetAsync("/api/apps/installs").JsonAsync()).Items());
        await user.GetAsync("/api/apps/installs?deviceId=x").ProblemAsync(400, "bad-request");
        await Operator.BeginAsync(install, _device, _user, app).ProblemAsync(401, "unauthorized");
        await Operator.ResultAsync(install, "failed").ProblemAsync(401, "unauthorized");
        await Operator.GetAsync($"/internal/installs?deviceId={_device}").ProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task Bad_calls_ofServices_change_nothing()
    {
        var (app, install) = (await NewAppAsync(), Guid.CreateVersion7());
        await _devices.BeginAsync(install, _device, _user, app).JsonAsync();
        await _devices.BeginAsync(install, Guid.NewGuid(), _user, app).ProblemAsync(409, "install-id-used");
        await _devices.ResultAsync(install, "maybe").ProblemAsync(400, "bad-request");
        await _devices.PostAsJsonAsync("/internal/installs/begin", new { installId = install })
            .ProblemAsync(400, "bad-request");
        await _devices.PostAsync("/internal/installs/begin", null).ProblemAsync(400, "bad-request");
        await _devices.GetAsync("/internal/installs").ProblemAsync(400, "bad-request");
        Assert.Equal("pending", (await _devices.GetAsync($"/internal/installs?deviceId={_device}").JsonAsync()).Items()
            .Single().Text("status"));
    }

    public override ValueTask DisposeAsync()
    {
        _devices.Dispose();
        return base.DisposeAsync();
    }
}
