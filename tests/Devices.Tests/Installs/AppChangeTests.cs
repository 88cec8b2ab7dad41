using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Adb;
using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Tests.Operations;
using CloudPhone.Devices.Tests.Snapshots;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Installs;

public sealed class AppChangeTests
{
    readonly Guid _app = Guid.CreateVersion7();

    [Fact]
    public async Task How_far_an_install_is_can_be_seen_and_a_removal_is_done_told_and_answered()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var gate = new TaskCompletionSource();
        platform.Siblings.PartGate = gate.Task;
        var device = (await platform.CreateRunningAsync()).Id;
        await RefusedAsync(await platform.Client.DeleteAsync(AppOf(device)), "not-installed");
        await InstallAsync(platform, device);
        await WaitAsync(platform, device, DeviceAppStatus.Downloading);
        await RefusedAsync(await platform.Client.DeleteAsync(AppOf(device)), "busy"); // it has begun
        var seen = await AppAsync(platform, device);
        Assert.True(seen is
        {
            Kind: InstallKind.Install, AppName: "An app", Error: null, Progress: >= 0 and < 100
        }, $"{seen}");
        gate.SetResult();
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        Assert.Null((await AppAsync(platform, device))!.Progress);

        var operation = await AcceptedAsync(await platform.Client.DeleteAsync(AppOf(device)));
        await WaitAsync(platform, device, DeviceAppStatus.Uninstalled);
        Assert.Empty(await platform.Phone(device).PackagesAsync(default));
        await Wait.UntilAsync("the app service to be told", () => !platform.Siblings.Removed.IsEmpty);
        Assert.Equal("org.example.app", Assert.Single(platform.Siblings.Removed));
        await Wait.UntilAsync("the operation to succeed", async () =>
            (await platform.GetAsync<JsonElement>($"/api/devices/operations/{operation}"))
            .GetProperty("status").GetString() == "succeeded");
        await RefusedAsync(await platform.Client.DeleteAsync(AppOf(device)), "not-installed");
        await RefusedAsync(await platform.Client.PostAsync($"{AppOf(device)}/update", null), "not-installed");
    }

    [Fact]
    public async Task An_update_is_installed_and_refused_where_there_is_nothing_newer()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var device = (await platform.CreateRunningAsync()).Id;
        await InstallAsync(platform, device);
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        platform.Siblings.NothingNewer = true;
        await RefusedAsync(await platform.Client.PostAsync($"{AppOf(device)}/update", null), "up-to-date");
        Assert.Equal(InstallKind.Install, (await AppAsync(platform, device))!.Kind);

        platform.Siblings.NothingNewer = false;
        platform.Siblings.Apk = Apps.Tests.TestApk.Of("org.example.app", 4, "1.3");
        await AcceptedAsync(await platform.Client.PostAsync($"{AppOf(device)}/update", null));
        await Wait.UntilAsync("the update", async () =>
            await AppAsync(platform, device) is { Kind: InstallKind.Update, Status: DeviceAppStatus.Installed });
        Assert.Equal([new("org.example.app", 4)], await platform.Phone(device).PackagesAsync(default));
    }

    [Fact]
    public async Task An_older_version_is_not_installed_over_what_is_there()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var device = (await platform.CreateRunningAsync()).Id;
        await InstallAsync(platform, device);
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        platform.Siblings.OnlyOlder = true;
        await RefusedAsync(await platform.Client.PostAsJsonAsync(
            $"/api/devices/{device}/install", new { appId = _app }), "newer-installed");
        // what the app service does not know of, the phone itself refuses
        platform.Siblings.OnlyOlder = false;
        platform.Siblings.Apk = Apps.Tests.TestApk.Of("org.example.app", 2, "1.1");
        await InstallAsync(platform, device);
        await WaitAsync(platform, device, DeviceAppStatus.Failed);
        Assert.Equal("The phone refused the app: INSTALL_FAILED_VERSION_DOWNGRADE",
            (await AppAsync(platform, device))!.Error);
        Assert.Equal([new("org.example.app", 3)], await platform.Phone(device).PackagesAsync(default));
    }

    [Fact]
    public async Task A_removal_and_an_install_that_waited_together_are_done_in_their_order()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var device = (await platform.CreateRunningAsync()).Id;
        await InstallAsync(platform, device);
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        // gone behind the platform's back: its removal is as good as done
        await platform.Phone(device).UninstallAsync("org.example.app", default);
        await platform.Client.PostAsync($"/api/devices/{device}/stop", null);
        await platform.WaitAsync(device, DeviceStatus.Stopped);
        await AcceptedAsync(await platform.Client.DeleteAsync(AppOf(device)));
        var install = await InstallAsync(platform, device);
        await platform.Client.PostAsync($"/api/devices/{device}/start", null);
        await Wait.UntilAsync("the result", () => platform.Siblings.Results.ContainsKey(install), 60);
        Assert.Single(platform.Siblings.Removed);
        Assert.Equal([new("org.example.app", 3)], await platform.Phone(device).PackagesAsync(default));
        Assert.Equal(DeviceAppStatus.Installed, (await AppAsync(platform, device))!.Status);
    }

    [Fact]
    public async Task An_install_that_waits_for_its_phone_is_taken_back()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var device = (await platform.CreateRunningAsync()).Id;
        await platform.Client.PostAsync($"/api/devices/{device}/stop", null);
        await platform.WaitAsync(device, DeviceStatus.Stopped);
        var install = await InstallAsync(platform, device);
        var removal = await AcceptedAsync(await platform.Client.DeleteAsync(AppOf(device)));
        Assert.Equal(DeviceAppStatus.Uninstalled, (await AppAsync(platform, device))!.Status);
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(removal)).Status);
        Assert.Equal("install-failed", Assert.Single((await platform.EndOfAsync(install)).Items!).Problem!.Type);
        await Wait.UntilAsync("the app service to be told", () => platform.Siblings.Results.ContainsKey(install));
        Assert.Equal("failed", Assert.Single(platform.Siblings.Results[install]));
        await RefusedAsync(await platform.Client.DeleteAsync(AppOf(device)), "not-installed");

        await platform.RunAsync("start", [device]);
        Assert.Empty(await platform.Phone(device).PackagesAsync(default));
    }

    [Fact]
    public async Task An_install_that_was_tried_is_taken_back_and_what_came_of_it_removed()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        platform.Siblings.PartGate = Task.FromException(new IOException("the file can't be read"));
        var device = (await platform.CreateRunningAsync()).Id;
        var install = await InstallAsync(platform, device);
        await Wait.UntilAsync("a try to fail", async () => (await AppAsync(platform, device))?.Error is not null);
        await Wait.UntilAsync("it to rest", async () =>
        {
            using var answer = await platform.Client.DeleteAsync(AppOf(device));
            return answer.StatusCode == HttpStatusCode.Accepted;
        });
        Assert.Equal("install-failed", Assert.Single((await platform.EndOfAsync(install)).Items!).Problem!.Type);
        await WaitAsync(platform, device, DeviceAppStatus.Uninstalled);
        await Wait.UntilAsync("the app service to be told", () => !platform.Siblings.Removed.IsEmpty);
        Assert.Equal("org.example.app", Assert.Single(platform.Siblings.Removed));
    }

    [Fact]
    public async Task What_a_restored_phone_has_can_be_removed_though_an_install_that_waited_came_to_nothing()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var device = (await platform.CreateRunningAsync()).Id;
        await InstallAsync(platform, device);
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        var full = await platform.TakeAsync(device, "full");
        await AcceptedAsync(await platform.Client.DeleteAsync(AppOf(device)));
        await WaitAsync(platform, device, DeviceAppStatus.Uninstalled);
        platform.Siblings.AppsAreAway = true;
        await InstallAsync(platform, device);
        await platform.RestoreAsync(device, full);
        platform.Siblings.Apps[_app] = "not-available";
        platform.Siblings.AppsAreAway = false;
        await WaitAsync(platform, device, DeviceAppStatus.Failed);
        await AcceptedAsync(await platform.Client.DeleteAsync(AppOf(device)));
        await WaitAsync(platform, device, DeviceAppStatus.Uninstalled);
        Assert.Empty(await platform.Phone(device).PackagesAsync(default));
    }

    [Fact]
    public async Task A_restored_phone_has_the_apps_of_its_snapshot_and_so_has_a_clone()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var device = (await platform.CreateRunningAsync()).Id;
        var bare = await platform.TakeAsync(device, "bare");
        await InstallAsync(platform, device);
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        var full = await platform.TakeAsync(device, "full");
        var clone = await platform.CloneAsync(full);
        await platform.WaitAsync(clone, DeviceStatus.Running);
        await WaitAsync(platform, clone, DeviceAppStatus.Installed);
        Assert.Equal(("org.example.app", "1.2"),
            await AppAsync(platform, clone) is { } app ? (app.PackageName, app.Version) : default);

        platform.Siblings.AppsAreAway = true; // it is found out once they can be told
        await platform.RestoreAsync(device, bare);
        Assert.Equal(DeviceAppStatus.Installed, (await AppAsync(platform, device))!.Status);
        platform.Siblings.AppsAreAway = false;
        await WaitAsync(platform, device, DeviceAppStatus.Uninstalled);
        await RefusedAsync(await platform.Client.DeleteAsync(AppOf(device)), "not-installed");

        await platform.RestoreAsync(device, full);
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        await AcceptedAsync(await platform.Client.DeleteAsync(AppOf(device)));
        await WaitAsync(platform, device, DeviceAppStatus.Uninstalled);
    }

    [Fact]
    public async Task Another_users_apps_are_not_there()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var device = (await platform.CreateRunningAsync()).Id;
        using var stranger = platform.Service.As(Guid.CreateVersion7());
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.DeleteAsync(AppOf(device))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsync($"{AppOf(device)}/update", null)).StatusCode);
    }

    string AppOf(Guid device) => $"/api/devices/{device}/apps/{_app}";

    async Task<Guid> InstallAsync(DevicePlatform platform, Guid device) => await AcceptedAsync(
        await platform.Client.PostAsJsonAsync($"/api/devices/{device}/install", new { appId = _app }));

    static async Task<Guid> AcceptedAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync<InstallAnswer>())!.InstallId;
        }
    }

    static async Task RefusedAsync(HttpResponseMessage answer, string type)
    {
        using (answer)
            await Expect.ProblemAsync(answer, 409, type);
    }

    static async Task<DeviceAppView?> AppAsync(DevicePlatform platform, Guid device) =>
        (await platform.GetAsync<Page<DeviceAppView>>($"/api/devices/{device}/apps"))!.Items.SingleOrDefault();

    static Task WaitAsync(DevicePlatform platform, Guid device, DeviceAppStatus status) =>
        Wait.UntilAsync(
            $"the app to be {status}", async () => (await AppAsync(platform, device))?.Status == status, 60);
}
