using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Operations;

public sealed class BatchTests
{
    [Fact]
    public async Task Each_phone_has_its_result()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var running = (await platform.CreateRunningAsync()).Id;
        var stopped = (await platform.CreateRunningAsync()).Id;
        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("stop", [stopped])).Status);
        using var other = platform.Service.As(Guid.CreateVersion7());
        using var made = await other.PostAsJsonAsync("/api/devices", new { name = "x", cpuCores = 1, memoryGB = 1 });
        var strangers = (await platform.Service.InDatabaseAsync(db =>
            db.Set<Device>().Where(d => d.UserId != platform.User).Select(d => d.Id).ToListAsync()))[0];

        var operation = await platform.RunAsync("stop", [stopped, strangers, running, running, Guid.CreateVersion7()]);
        Assert.Equal(OperationStatus.Partly, operation.Status);
        Assert.Equal((4, 1, 3), (operation.Counts.Total, operation.Counts.Succeeded, operation.Counts.Failed));
        Assert.Equal(["wrong-state", "not-found", null, "not-found"], operation.Items!.Select(i => i.Problem?.Type));
        Assert.Equal(DeviceStatus.Stopped, (await platform.GetAsync(running))!.Status);

        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("start", [running, stopped])).Status);
        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("restart", [running, stopped])).Status);
        Assert.Equal(DeviceStatus.Running, (await platform.GetAsync(stopped))!.Status);
        Assert.Equal(OperationStatus.Succeeded, (await platform.RunAsync("delete", [running, stopped])).Status);
        Assert.Null(await platform.GetAsync(running));
        Assert.Equal(OperationStatus.Failed, (await platform.RunAsync("delete", [running])).Status);
    }

    [Fact]
    public async Task Installs_with_the_result_of_each()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var app = Guid.CreateVersion7();
        platform.Siblings.Apps[app] = "pending";
        Guid[] phones = [(await platform.CreateRunningAsync()).Id, (await platform.CreateRunningAsync()).Id];
        var operation = await platform.RunAsync("install", phones, app);
        Assert.Equal(OperationStatus.Succeeded, operation.Status);
        Assert.Equal(2, platform.Siblings.Results.Count);
        Assert.Equal(platform.Siblings.Results.Keys.Order(), operation.Items!.Select(i => i.InstallId!.Value).Order());
        var unknown = await platform.RunAsync("install", phones, Guid.CreateVersion7());
        Assert.All(unknown.Items!, i => Assert.Equal("not-found", i.Problem!.Type));
    }

    [Fact]
    public async Task What_is_wrong_is_refused()
    {
        await using var platform = await DevicePlatform.StartAsync();
        Guid[] one = [Guid.CreateVersion7()];
        foreach (var body in new object[]
        {
            new { action = "explode", deviceIds = one }, new { action = "stop", deviceIds = Array.Empty<Guid>() },
            new { action = "stop", deviceIds = Enumerable.Range(0, 101).Select(_ => Guid.NewGuid()) },
            new { action = "stop", deviceIds = one, appId = one[0] }, new { action = "install", deviceIds = one },
        })
            await Expect.ProblemAsync(
                await platform.Client.PostAsJsonAsync("/api/devices/batch", body), 400, "bad-request");
        Assert.Equal(0, await platform.Service.InDatabaseAsync(db => db.Set<Operation>().CountAsync()));
    }

    [Fact]
    public async Task No_more_wait_than_a_user_may_have_waiting_also_of_many_requests_at_once()
    {
        await using var platform = await DevicePlatform.StartAsync();
        await platform.StopSidecarAsync(); // nobody begins with any
        var phones = Enumerable.Range(0, 60).Select(_ => Guid.CreateVersion7()).ToList();
        await platform.Service.InDatabaseAsync(db =>
        {
            var (old, now) = (Guid.CreateVersion7(), DateTimeOffset.UtcNow);
            db.AddRange(phones.Select(id => new Device
            {
                Id = id, UserId = platform.User, Name = "x", Status = DeviceStatus.Stopped, CreatedAt = now,
            }));
            db.Add(new Operation { Id = old, UserId = platform.User, CreatedAt = now });
            db.AddRange(Enumerable.Range(0, 450).Select(_ => Operation.NewItem(
                Guid.CreateVersion7(), old, OperationAction.Stop, phones[0], platform.User, now.AddHours(1))));
            return db.SaveChangesAsync();
        });
        await Expect.ProblemAsync(await PostAsync(60), 409, "too-many-operations");
        var answers = await Task.WhenAll(PostAsync(30), PostAsync(30), PostAsync(30));
        Assert.Single(answers, a => a.IsSuccessStatusCode);
        Assert.Equal(480, await platform.Service.InDatabaseAsync(db => db.Set<OperationItem>()
            .CountAsync(i => i.Status == OperationItemStatus.Pending)));

        Task<HttpResponseMessage> PostAsync(int count) => platform.Client.PostAsJsonAsync(
            "/api/devices/batch", new { action = "stop", deviceIds = phones.Take(count) });
    }

    /// <summary>The service goes away in the middle, and with it whatever it had in hand.</summary>
    [Fact]
    public async Task A_batch_survives_the_end_of_the_service_and_does_each_once()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var phones = new List<Guid>();
        for (var i = 0; i < 6; i++)
            phones.Add((await platform.CreateRunningAsync()).Id);
        var id = await platform.BatchAsync("restart", phones);
        await Wait.UntilAsync("a first one to stop", async () =>
            (await platform.Service.PublishedAsync<DeviceStopped>()).Count > 0, 60);
        await platform.StopSidecarAsync();
        await platform.StopServiceAsync();
        await platform.StartServiceAsync();
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(id)).Status);
        Assert.Equal(6, (await platform.Service.PublishedAsync<DeviceStopped>()).Count);
        Assert.Equal(12, (await platform.Service.PublishedAsync<DeviceStarted>()).Count);
    }
}
