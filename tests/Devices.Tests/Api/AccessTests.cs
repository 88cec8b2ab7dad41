using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Devices.Api;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Api;

public sealed class AccessTests
{
    [Fact]
    public async Task Another_user_sees_and_touches_nothing_and_an_operator_all()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        using var other = platform.Service.As(Guid.CreateVersion7());
        foreach (var path in new[] { $"{id}", $"{id}/history", $"{id}/apps", $"user/{platform.User}" })
            Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/api/devices/{path}")).StatusCode);
        foreach (var command in new[] { "start", "stop", "restart" })
            Assert.Equal(HttpStatusCode.NotFound,
                (await other.PostAsync($"/api/devices/{id}/{command}", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound,
            (await other.PostAsJsonAsync($"/api/devices/{id}/install", new { appId = id })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.DeleteAsync($"/api/devices/{id}")).StatusCode);
        foreach (var list in new[] { "/api/devices", "/api/devices/list" })
            Assert.Empty((await other.GetFromJsonAsync<Page<object>>(list))!.Items);
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);

        using var service = platform.Service.AsService(AppIds.Billing);
        Assert.Single((await service.GetFromJsonAsync<Page<object>>($"/api/devices/user/{platform.User}"))!.Items);
        using var op = platform.Service.As(Guid.CreateVersion7(), Roles.Operator);
        Assert.Equal(HttpStatusCode.Accepted, (await op.PostAsync($"/api/devices/{id}/stop", null)).StatusCode);
        await platform.WaitAsync(id, DeviceStatus.Stopped);
        Assert.Equal("operator", Assert.Single(await platform.Service.PublishedAsync<DeviceStopped>()).Reason);
    }

    [Theory]
    [InlineData("""{"name":"","cpuCores":1,"memoryGB":1}""")]
    [InlineData("""{"name":"a\u0007b","cpuCores":1,"memoryGB":1}""")]
    [InlineData("""{"name":"a","cpuCores":0,"memoryGB":1}""")]
    [InlineData("""{"name":"a","cpuCores":1,"memoryGB":65}""")]
    [InlineData("""{"name":"a","cpuCores":"two","memoryGB":1}""")]
    [InlineData("""{"name":"a","cpuCores":1,"memoryGB":1,"storageGB":3}""")]
    [InlineData("""{"name":"a","cpuCores":1,"memoryGB":1,"storageGB":129}""")]
    [InlineData("""{"name":"a","cpuCores":1,"memoryGB":1,"storageGB":4.5}""")]
    [InlineData("""{"name":"a","cpuCores":1,"memoryGB":1,"storageGB":"ten"}""")]
    [InlineData("""{"name":"a"}""")]
    [InlineData("{")]
    [InlineData("")]
    public async Task A_wrong_request_is_refused_and_reaches_nobody(string body)
    {
        await using var platform = await DevicePlatform.StartAsync(withSidecar: false);
        using var answer = await platform.Client.PostAsync(
            "/api/devices", new StringContent(body, null, "application/json"));
        await Expect.ProblemAsync(answer, 400, "bad-request");
        Assert.Empty(platform.Siblings.RequestIds);
        Assert.Empty((await platform.GetAsync<Page<DeviceView>>("/api/devices"))!.Items);
    }

    [Fact]
    public async Task Actors_and_events_take_calls_from_the_sidecar_only()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        using var anonymous = platform.Service.Anonymous();
        foreach (var client in new[] { anonymous, platform.Client })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/dapr/config")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/healthz")).StatusCode);
            using var command = await client.PutAsJsonAsync(
                $"/actors/DeviceActor/{id}/method/Command", new { trigger = 3 });
            Assert.Equal(HttpStatusCode.Unauthorized, command.StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized,
                (await client.DeleteAsync($"/actors/DeviceActor/{id}")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized,
                (await client.PostAsJsonAsync("/events/scheduler.action_due", new { })).StatusCode);
        }
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(id))!.Status);
        anonymous.DefaultRequestHeaders.Add("dapr-api-token", TestService<DeviceDb>.SidecarToken);
        Assert.Contains("DeviceActor", await anonymous.GetStringAsync("/dapr/config"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_page()
    {
        await using var platform = await DevicePlatform.StartAsync();
        for (var i = 0; i < 3; i++)
            await platform.CreateAsync($"p{i}");
        var first = await platform.GetAsync<Page<DeviceView>>("/api/devices/list?limit=2");
        Assert.Equal(["p2", "p1"], first!.Items.Select(d => d.Name));
        var second = await platform.GetAsync<Page<DeviceView>>($"/api/devices?limit=2&cursor={first.NextCursor}");
        Assert.Equal("p0", Assert.Single(second!.Items).Name);
    }
}
