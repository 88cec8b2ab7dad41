using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Devices.Lifecycle;
using CloudPhone.Devices.Operations;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Shared.Http;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices.Tests.Operations;

public sealed class OperationTests
{
    [Fact]
    public async Task A_command_answers_with_an_operation_that_ends_when_the_phone_is_there()
    {
        await using var platform = await DevicePlatform.StartAsync(settings: ("PHONE_BOOT_SECONDS", "1"));
        var id = (await platform.CreateRunningAsync()).Id;
        foreach (var (command, end) in new[]
            { ("restart", DeviceStatus.Running), ("stop", DeviceStatus.Stopped), ("start", DeviceStatus.Running) })
        {
            using var answer = await platform.Client.PostAsync($"/api/devices/{id}/{command}", null);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(id, body.GetProperty("device").GetProperty("id").GetGuid());
            var operation = await platform.EndOfAsync(body.GetProperty("operationId").GetGuid());
            Assert.Equal(OperationStatus.Succeeded, operation.Status);
            Assert.Equal(id, Assert.Single(operation.Items!).DeviceId);
            Assert.Equal(end, (await platform.GetAsync(id))!.Status);
        }
        await Expect.ProblemAsync(
            await platform.Client.PostAsync($"/api/devices/{id}/start", null), 409, "wrong-state");
        var all = await platform.GetAsync<Page<OperationView>>("/api/devices/operations?limit=2");
        Assert.Equal([OperationAction.Start, OperationAction.Stop], all!.Items.Select(o => o.Action));
        Assert.All(all.Items, o => Assert.Equal((OperationStatus.Succeeded, 1), (o.Status, o.Counts.Succeeded)));
        Assert.NotNull(all.NextCursor);
    }

    [Fact]
    public async Task A_removal_answers_as_ever_and_names_the_operation_that_tells_its_end()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        async Task<string> DeleteAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, $"/api/devices/{id}");
            request.Headers.Add("Idempotency-Key", "delete-1");
            using var answer = await platform.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            return answer.Headers.Location!.OriginalString;
        }

        var location = await DeleteAsync();
        Assert.Equal(location, await DeleteAsync());
        var operation = await platform.EndOfAsync(Guid.Parse(location.Split('/')[^1]));
        Assert.Equal((OperationAction.Delete, OperationStatus.Succeeded), (operation.Action, operation.Status));
        Assert.Equal(id, Assert.Single(operation.Items!).DeviceId);
        Assert.Single((await platform.GetAsync<Page<OperationView>>("/api/devices/operations"))!.Items);
        using var gone = await platform.Client.DeleteAsync($"/api/devices/{id}");
        Assert.Equal((HttpStatusCode.NotFound, null), (gone.StatusCode, gone.Headers.Location));
    }

    [Fact]
    public async Task A_command_that_is_repeated_under_its_key_is_given_once()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = (await platform.CreateRunningAsync()).Id;
        async Task<Guid> StopAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/devices/{id}/stop");
            request.Headers.Add("Idempotency-Key", "stop-1");
            using var answer = await platform.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("operationId").GetGuid();
        }

        var first = await StopAsync();
        // as if the service had died before the answer was kept
        await platform.Service.InDatabaseAsync(db => db.IdempotencyKeys.ExecuteUpdateAsync(s => s
            .SetProperty(k => k.Status, (int?)null).SetProperty(k => k.RunningUntil, DateTimeOffset.UtcNow)));
        Assert.Equal(first, await StopAsync());
        Assert.Equal(OperationStatus.Succeeded, (await platform.EndOfAsync(first)).Status);
        Assert.Single((await platform.GetAsync<Page<OperationView>>("/api/devices/operations"))!.Items);
    }

    [Fact]
    public async Task An_operation_is_its_users_and_operators()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var id = await platform.BatchAsync("stop", [Guid.CreateVersion7()]);
        using var other = platform.Service.As(Guid.CreateVersion7());
        await Expect.ProblemAsync(await other.GetAsync($"/api/devices/operations/{id}"), 404, "not-found");
        Assert.DoesNotContain($"{id}", await other.GetStringAsync("/api/devices/operations"));
        using var boss = platform.Service.As(Guid.CreateVersion7(), "operator");
        Assert.Contains($"{id}", await boss.GetStringAsync($"/api/devices/operations/{id}"));
        await Expect.ProblemAsync(
            await platform.Client.GetAsync($"/api/devices/operations/{id}?waitSeconds=5"), 400, "bad-request");
        await Expect.ProblemAsync(
            await platform.Client.GetAsync($"/api/devices/operations/{id}?waitSeconds=x"), 400, "bad-request");
    }

    [Fact]
    public async Task Operations_are_forgotten_after_a_week()
    {
        await using var platform = await DevicePlatform.StartAsync();
        var (old, young) = (await platform.BatchAsync("stop", [Guid.CreateVersion7()]),
            await platform.BatchAsync("stop", [Guid.CreateVersion7()]));
        var now = DateTimeOffset.UtcNow;
        await platform.Service.InDatabaseAsync(db => db.Set<Operation>().Where(o => o.Id == old)
            .ExecuteUpdateAsync(s => s.SetProperty(o => o.CreatedAt, now.AddDays(-8))));
        await platform.Service.InDatabaseAsync(async db =>
        {
            await OperationSweep.SweepAsync((DeviceDb)db, now, default);
            return true;
        });
        Assert.Equal(young, Assert.Single(
            (await platform.GetAsync<Page<OperationView>>("/api/devices/operations"))!.Items).Id);
        Assert.Equal(1, await platform.Service.InDatabaseAsync(db => db.Set<OperationItem>().CountAsync()));
    }
}
