using System.Net;
using System.Net.Http.Json;
using CloudPhone.Apps.Tests;
using CloudPhone.Contracts;
using CloudPhone.Adb;
using CloudPhone.Devices.Installs;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Installs;

public sealed class InstallTests
{
    readonly Guid _app = Guid.CreateVersion7();

    [Fact]
    public async Task An_app_comes_onto_the_phone_and_its_result_is_told()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var device = (await platform.CreateRunningAsync()).Id;
        var install = await QueueAsync(platform.Client, device);
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        await Wait.UntilAsync("the result", () => platform.Siblings.Results.ContainsKey(install));
        Assert.Equal("installed", Assert.Single(platform.Siblings.Results[install]));
        Assert.Equal([new("org.example.app", 3)], await platform.Phone(device).PackagesAsync(default));
    }

    [Fact]
    public async Task It_waits_for_a_phone_that_is_off_and_the_same_id_installs_once()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var device = (await platform.CreateRunningAsync()).Id;
        await platform.Client.PostAsync($"/api/devices/{device}/stop", null);
        await platform.WaitAsync(device, DeviceStatus.Stopped);
        var id = Guid.CreateVersion7();
        using var appService = platform.Service.AsService(AppIds.Apps);
        Assert.Equal(id, await QueueAsync(appService, device, id));
        Assert.Equal(id, await QueueAsync(appService, device, id));
        Assert.Equal(DeviceAppStatus.Pending, (await AppsAsync(platform, device)).Single().Status);
        await platform.Client.PostAsync($"/api/devices/{device}/start", null);
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        using var other = await appService.PostAsJsonAsync(
            $"/api/devices/{device}/install", new { appId = Guid.CreateVersion7(), installId = id });
        await Expect.ProblemAsync(other, 409, "install-id-used");
    }

    [Fact]
    public async Task Users_choose_no_ids_and_so_skip_no_check()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var device = (await platform.CreateRunningAsync()).Id;
        using var answer = await platform.Client.PostAsJsonAsync(
            $"/api/devices/{device}/install", new { appId = Guid.CreateVersion7(), installId = Guid.CreateVersion7() });
        await Expect.ProblemAsync(answer, 400, "bad-request");
        Assert.Empty(await AppsAsync(platform, device));
    }

    [Fact]
    public async Task It_is_taken_up_when_the_app_service_is_back()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        platform.Siblings.AppsAreAway = true;
        var device = (await platform.CreateRunningAsync()).Id;
        await QueueAsync(platform.Client, device);
        await Wait.UntilAsync("a failed try", async () => await platform.Service.InDatabaseAsync(db =>
            Task.FromResult(db.Set<Install>().Any(i => i.Attempts > 0))));
        await platform.StopServiceAsync();
        platform.Siblings.AppsAreAway = false;
        await platform.StartServiceAsync();
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
    }

    [Fact]
    public async Task What_is_no_APK_fails_at_once_and_is_told()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        platform.Siblings.Apk = TestApk.Zip(("readme.txt", [1]));
        var device = (await platform.CreateRunningAsync()).Id;
        var install = await QueueAsync(platform.Client, device);
        await WaitAsync(platform, device, DeviceAppStatus.Failed);
        await Wait.UntilAsync("the result", () => platform.Siblings.Results.ContainsKey(install));
        Assert.Equal("failed", platform.Siblings.Results[install].Single());
        Assert.StartsWith("The phone refused the app: INSTALL_PARSE_FAILED_NOT_APK",
            Assert.Single(await AppsAsync(platform, device)).Error, StringComparison.Ordinal);
        Assert.Empty(await platform.Phone(device).PackagesAsync(default));
    }

    [Fact]
    public async Task An_unknown_app_and_one_that_is_gone_are_refused()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var device = (await platform.CreateRunningAsync()).Id;
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(platform, device));
        platform.Siblings.Apps[_app] = "not-available";
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(platform, device));
        Assert.Empty(await AppsAsync(platform, device));
    }

    [Fact]
    public async Task What_can_not_be_checked_waits_and_fails_where_there_is_no_such_app()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var device = (await platform.CreateRunningAsync()).Id;
        platform.Siblings.AppsAreAway = true;
        await QueueAsync(platform.Client, device);
        platform.Siblings.AppsAreAway = false;
        await WaitAsync(platform, device, DeviceAppStatus.Failed);
    }

    async Task<HttpStatusCode> StatusAsync(DevicePlatform platform, Guid device)
    {
        using var answer = await platform.Client.PostAsJsonAsync(
            $"/api/devices/{device}/install", new { appId = _app });
        return answer.StatusCode;
    }

    [Fact]
    public async Task A_planned_install_is_done_once()
    {
        await using var platform = await DevicePlatform.StartAsync();
        platform.Siblings.Apps[_app] = "pending";
        var device = (await platform.CreateRunningAsync()).Id;
        var action = new SchedulerActionDue(
            Guid.CreateVersion7(), device, platform.User, "install", DateTimeOffset.UtcNow, _app);
        await platform.Service.DeliverAsync(action);
        await platform.Service.DeliverAsync(action);
        await WaitAsync(platform, device, DeviceAppStatus.Installed);
        Assert.Single(await AppsAsync(platform, device));
    }

    async Task<Guid> QueueAsync(HttpClient client, Guid device, Guid? installId = null)
    {
        using var answer = await client.PostAsJsonAsync(
            $"/api/devices/{device}/install", new { appId = _app, installId });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<InstallAnswer>())!.InstallId;
    }

    static async Task<IReadOnlyList<DeviceAppView>> AppsAsync(DevicePlatform platform, Guid device) =>
        (await platform.GetAsync<Page<DeviceAppView>>($"/api/devices/{device}/apps"))!.Items;

    static Task WaitAsync(DevicePlatform platform, Guid device, DeviceAppStatus status) =>
        Wait.UntilAsync($"the app to be {status}", async () =>
            (await AppsAsync(platform, device)).SingleOrDefault()?.Status == status, 60);
}
