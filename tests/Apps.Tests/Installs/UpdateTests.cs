using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;

namespace CloudPhone.Apps.Tests.Installs;

public sealed class UpdateTests : AppTest
{
    readonly Guid _user = Guid.CreateVersion7(), _device = Guid.CreateVersion7();
    HttpClient _devices = null!, _client = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (_devices, _client) = (Service.AsService(AppIds.Devices), Service.As(_user));
    }

    Task<HttpResponseMessage> BeginAsync(Guid install, Guid app, bool onlyNewer) => _devices.PostAsJsonAsync(
        "/internal/installs/begin",
        new { installId = install, deviceId = _device, userId = _user, appId = app, onlyNewer });

    async Task<string?> CheckAsync(Guid app) => (await _devices.GetAsync(
        $"/internal/installs/check?appId={app}&deviceId={_device}&onlyNewer=true").JsonAsync()).Text("outcome");

    async Task InstallAsync(Guid app, bool onlyNewer = false)
    {
        var install = Guid.CreateVersion7();
        Assert.Equal("pending", (await BeginAsync(install, app, onlyNewer).JsonAsync()).Text("outcome"));
        await _devices.ResultAsync(install, "installed").JsonAsync();
    }

    async Task<List<JsonElement>> ListAsync() =>
        (await _client.GetAsync($"/api/apps/installs?deviceId={_device}").JsonAsync()).Items();

    static string? UpdateOf(JsonElement install) =>
        install.GetProperty("update") is { ValueKind: JsonValueKind.Object } update ? update.Text("version") : null;

    [Fact]
    public async Task What_is_newer_than_what_a_phone_has_is_shown_and_only_that_updates_it()
    {
        var app = (await Operator.UploadAsync(TestApk.Of(code: 1)).JsonAsync(201)).Id();
        Assert.Equal("not-newer", await CheckAsync(app)); // there is nothing to update
        await InstallAsync(app);
        Assert.Null(UpdateOf(Assert.Single(await ListAsync())));
        Assert.Equal("not-newer", await CheckAsync(app));
        var refused = Guid.CreateVersion7();
        for (var i = 0; i < 2; i++)
            Assert.NotEqual("pending", (await BeginAsync(refused, app, onlyNewer: true).JsonAsync()).Text("outcome"));
        Assert.Equal("There is no newer version of the app.",
            Assert.Single(await Service.PublishedAsync<AppInstallFailed>()).Reason);

        var next = await Operator.AddVersionAsync(app, TestApk.Of(code: 2)).JsonAsync(201);
        Assert.Equal(["2.0", null], (await ListAsync()).OrderBy(i => i.Text("status") == "failed").Select(UpdateOf));
        Assert.Equal("available", await CheckAsync(app));
        await Operator.PostAsJsonAsync($"/api/apps/{app}/versions/{next.Id()}/withdraw", new { }).JsonAsync();
        Assert.All(await ListAsync(), i => Assert.Null(UpdateOf(i)));
        await Operator.PostAsync($"/api/apps/{app}/versions/{next.Id()}/approve", null).JsonAsync();
        await InstallAsync(app, onlyNewer: true);
        Assert.All(await ListAsync(), i => Assert.Null(UpdateOf(i)));
        Assert.Equal(("1.0", "2.0"), Assert.Single(await Service.PublishedAsync<AppUpdated>()) is var e
            ? (e.OldVersion, e.NewVersion) : default);
    }

    [Fact]
    public async Task What_is_left_after_a_withdrawal_is_not_installed_over_the_newer_version()
    {
        var app = (await Operator.UploadAsync(TestApk.Of(code: 1)).JsonAsync(201)).Id();
        var next = (await Operator.AddVersionAsync(app, TestApk.Of(code: 2)).JsonAsync(201)).Id();
        await InstallAsync(app);
        await Operator.PostAsJsonAsync($"/api/apps/{app}/versions/{next}/withdraw", new { }).JsonAsync();
        var check = await _devices.GetAsync($"/internal/installs/check?appId={app}&deviceId={_device}").JsonAsync();
        Assert.Equal(("older", "1.0", "2.0"), (check.Text("outcome"), check.Text("newest"), check.Text("onPhone")));
        var begun = await BeginAsync(Guid.CreateVersion7(), app, onlyNewer: false).JsonAsync();
        Assert.Equal("older", begun.Text("outcome"));
        Assert.Equal("The phone has a newer version of the app: 2.0.",
            Assert.Single(await Service.PublishedAsync<AppInstallFailed>()).Reason);
        // other phones get it, and so does this one without the newer
        check = await _devices.GetAsync($"/internal/installs/check?appId={app}&deviceId={Guid.NewGuid()}").JsonAsync();
        Assert.Equal("available", check.Text("outcome"));
        await _devices.PostAsJsonAsync("/internal/installs/uninstalled",
            new { uninstallId = Guid.NewGuid(), deviceId = _device, packageName = "com.example.app" }).JsonAsync();
        await InstallAsync(app);
    }

    [Fact]
    public async Task What_was_removed_is_not_there_to_be_updated_and_comes_back_as_new()
    {
        var app = (await Operator.UploadAsync(TestApk.Of(code: 1)).JsonAsync(201)).Id();
        await InstallAsync(app);
        await Operator.AddVersionAsync(app, TestApk.Of(code: 2)).JsonAsync(201);
        for (var i = 0; i < 2; i++)
            await _devices.PostAsJsonAsync("/internal/installs/uninstalled",
                new { uninstallId = Guid.NewGuid(), deviceId = _device, packageName = "com.example.app" }).JsonAsync();
        var gone = Assert.Single(await ListAsync());
        Assert.Equal(("uninstalled", null), (gone.Text("status"), UpdateOf(gone)));
        Assert.Equal("not-newer", await CheckAsync(app));
        await InstallAsync(app);
        Assert.Equal(2, (await Service.PublishedAsync<AppInstalled>()).Count);
        Assert.Empty(await Service.PublishedAsync<AppUpdated>());
        await _client.PostAsJsonAsync("/internal/installs/uninstalled",
            new { uninstallId = Guid.NewGuid(), deviceId = _device, packageName = "x" })
            .ProblemAsync(401, "unauthorized");
    }

    Task<HttpResponseMessage> FoundAsync(params (string Name, int VersionCode)[] packages) =>
        _devices.PostAsJsonAsync("/internal/installs/found", new
        {
            deviceId = _device, userId = _user,
            packages = packages.Select(p => new { name = p.Name, versionCode = p.VersionCode }),
        });

    static string Texts(JsonElement answer) => string.Join(' ',
        answer.GetProperty("apps").EnumerateArray().Select(a => $"{a.Text("packageName")} {a.Text("version")}"));

    [Fact]
    public async Task What_a_phone_has_after_its_data_were_replaced_is_what_was_found_on_it()
    {
        var app = (await Operator.UploadAsync(TestApk.Of(code: 1)).JsonAsync(201)).Id();
        await InstallAsync(app);
        var next = (await Operator.AddVersionAsync(app, TestApk.Of(code: 2)).JsonAsync(201)).Id();
        await InstallAsync(app);
        await Operator.PostAsJsonAsync($"/api/apps/{app}/versions/{next}/withdraw", new { }).JsonAsync();
        for (var i = 0; i < 2; i++) // repeated, it is the same
        {
            var back = await FoundAsync(("com.example.app", 1), ("org.somebody.else", 1)).JsonAsync();
            Assert.Equal("com.example.app 1.0", Texts(back));
            Assert.Equal(["1.0 installed", "2.0 uninstalled"],
                (await ListAsync()).Select(x => $"{x.Text("version")} {x.Text("status")}").Order());
        }
        Assert.Equal("", Texts(await FoundAsync().JsonAsync()));
        Assert.All(await ListAsync(), i => Assert.Equal("uninstalled", i.Text("status")));
        Assert.Equal("com.example.app 2.0", Texts(await FoundAsync(("com.example.app", 2)).JsonAsync()));
        Assert.Equal("older", (await BeginAsync(Guid.CreateVersion7(), app, false).JsonAsync()).Text("outcome"));
        Assert.Equal("", Texts(await FoundAsync(("com.example.app", 3)).JsonAsync())); // no version of the catalogue
        Assert.DoesNotContain(await ListAsync(), i => i.Text("status") == "installed");
        Assert.Single(await Service.PublishedAsync<AppInstalled>());
        await _client.PostAsJsonAsync("/internal/installs/found",
            new { deviceId = _device, userId = _user, packages = Array.Empty<int>() })
            .ProblemAsync(401, "unauthorized");
        await _devices.PostAsJsonAsync("/internal/installs/found", new { deviceId = _device, userId = _user })
            .ProblemAsync(400, "bad-request");
    }

    public override ValueTask DisposeAsync()
    {
        _devices.Dispose();
        _client.Dispose();
        return base.DisposeAsync();
    }
}
