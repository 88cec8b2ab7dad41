using System.Net;
using System.Text.Json;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>Scenario 1 of the specification, seen as its user, its operator and its accountant see it.</summary>
[Collection(nameof(SharedPlatform))]
public sealed class CreatePhoneTests(PlatformFixture fixture)
{
    readonly RunningPlatform _platform = fixture.Platform;

    [Fact]
    public async Task A_phone_is_created_runs_is_metered_has_its_app_is_told_of_and_goes()
    {
        await using var user = await _platform.NewUserAsync();
        await user.OpenWebSocketAsync();
        var before = _platform.Phones().Count;
        var requestId = $"scenario-1-{Guid.NewGuid():N}"[..30];

        var id = await user.CreateRunningAsync("my phone", requestId);
        var usage = await user.QuotaUsageAsync();
        Assert.Equal((1, 1, 1), (usage.GetProperty("currentDevices").GetInt32(), usage.GetProperty("usedCpuCores")
            .GetInt32(), usage.GetProperty("usedMemoryGB").GetInt32()));
        Assert.Equal(before + 1, _platform.Phones().Count);

        await Wait.UntilAsync("both notifications on the WebSocket", () => Types(user.Pushed)
            .IsSupersetOf(["device.created", "device.started"]));
        // two replicas push side by side; what happened first has the lower version
        Assert.True(Version(user.Pushed, "device.created") < Version(user.Pushed, "device.started"));
        await Wait.UntilAsync(
            "both mails", () => Mails(user).Count(m => m.Contains("my phone", StringComparison.Ordinal)) >= 2);

        await Wait.UntilAsync("the pre-installed app", async () =>
            (await user.ListAsync($"/api/devices/{id}/apps"))
                .Any(a => a.GetProperty("status").GetString() == "installed"));
        var open = Assert.Single(await user.ListAsync($"/api/billing/usage?deviceId={id}"));
        // 1 core, 1 GiB of memory and the 10 GiB of storage that a phone has: 0.50 + 0.10 + 0.05 + 0.10
        Assert.Equal(("open", 0.75m),
            (open.GetProperty("status").GetString(), open.GetProperty("pricePerHour").GetDecimal()));
        await Wait.UntilAsync("the usage to count", async () =>
            (await user.ListAsync($"/api/billing/usage?deviceId={id}"))[0].GetProperty("seconds").GetInt64() >= 2);

        var stop = await user.Http.PostAsync($"/api/devices/{id}/stop", null);
        Assert.Equal(HttpStatusCode.Accepted, stop.StatusCode);
        await user.UntilStatusAsync(id, "stopped");
        await Wait.UntilAsync("the usage to close", async () =>
            (await user.ListAsync($"/api/billing/usage?deviceId={id}"))[0].GetProperty("status")
                .GetString() == "closed");
        var closed = (await user.ListAsync($"/api/billing/usage?deviceId={id}"))[0];
        var ran = closed.GetProperty("stoppedAt").GetDateTimeOffset() - closed.GetProperty("startedAt")
            .GetDateTimeOffset();
        Assert.InRange(closed.GetProperty("seconds").GetInt64(), ran.TotalSeconds - 1, ran.TotalSeconds + 1);
        Assert.Equal(closed.GetProperty("seconds").GetInt64() * closed.GetProperty("pricePerHour")
            .GetDecimal() / 3600, closed.GetProperty("amount").GetDecimal(), 5);

        Assert.Equal(HttpStatusCode.NoContent, (await user.Http.DeleteAsync($"/api/devices/{id}")).StatusCode);
        await Wait.UntilAsync("the quota to be free", async () => (await user.QuotaUsageAsync())
            .GetProperty("currentDevices").GetInt32() == 0);
        await Wait.UntilAsync("the process to be gone", () => _platform.Phones().Count == before);
        Assert.Equal(HttpStatusCode.NotFound, (await user.Http.GetAsync($"/api/devices/{id}")).StatusCode);
        await using var admin = await _platform.AdminAsync();
        await Wait.UntilAsync("the placement to be gone", async () =>
            (await admin.ListAsync($"/api/scheduler/placements?deviceId={id}"))
                .All(p => p.GetProperty("state").GetString() == "released"));

        foreach (var service in new[] { "api-gateway", "user-service", "device-service", "app-service",
            "scheduler-service", "billing-service", "notification-service" })
            await Wait.UntilAsync($"the request id in the log of {service}", () => LinesOf(service, requestId).Any());
        var traces = _platform.Log.Split('\n').Where(l => l.Contains($"r={requestId} ", StringComparison.Ordinal))
            .Select(l => l.Split(" t=")[1].Split(']')[0]).Distinct();
        Assert.Single(traces);
    }

    [Fact]
    public async Task A_second_user_sees_and_touches_nothing_of_it()
    {
        await using var owner = await _platform.NewUserAsync();
        await using var stranger = await _platform.NewUserAsync();
        var id = await owner.CreateRunningAsync("private");
        foreach (var path in new[] { $"/api/devices/{id}", $"/api/devices/{id}/apps", $"/api/devices/{id}/history",
            $"/api/devices/user/{owner.Id}", $"/api/quotas/user/{owner.Id}", $"/api/users/{owner.Id}" })
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.Http.GetAsync(path)).StatusCode);
        foreach (var action in new[] { "start", "stop", "restart", "install" })
        {
            var body = new StringContent($"{{\"appId\":\"{Guid.NewGuid()}\"}}", null, "application/json");
            Assert.Equal(HttpStatusCode.NotFound,
                (await stranger.Http.PostAsync($"/api/devices/{id}/{action}", body)).StatusCode);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.Http.DeleteAsync($"/api/devices/{id}")).StatusCode);
        Assert.Empty(await stranger.ListAsync("/api/devices"));
        Assert.Empty(await stranger.ListAsync($"/api/billing/usage?deviceId={id}"));
        Assert.DoesNotContain(await stranger.ListAsync("/api/notifications"), n => TypeOf(n)
            .StartsWith("device.", StringComparison.Ordinal));
        Assert.Equal("running", (await owner.GetAsync($"/api/devices/{id}")).GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await owner.Http.DeleteAsync($"/api/devices/{id}")).StatusCode);
    }

    [Fact]
    public async Task Twenty_creates_at_once_never_pass_the_limit_and_the_next_is_refused_with_the_reason()
    {
        await using var user = await _platform.NewUserAsync();
        var limit = (await user.GetAsync($"/api/quotas/user/{user.Id}")).GetProperty("limits").GetProperty("maxDevices")
            .GetInt32();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => user.CreateAsync($"p{i}")));
        Assert.All(answers, a =>
            Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.Forbidden, $"{(int)a.StatusCode}"));
        Assert.Equal(limit, answers.Count(a => a.StatusCode == HttpStatusCode.Created));
        var next = await user.CreateAsync("one more");
        Assert.Equal(HttpStatusCode.Forbidden, next.StatusCode);
        var problem = JsonDocument.Parse(await next.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("quota-exceeded", problem.GetProperty("type").GetString());
        Assert.True(problem.GetProperty("detail").GetString()!.Length > 0);
        var phones = await user.ListAsync("/api/devices");
        Assert.Equal(limit, phones.Count(p => p.GetProperty("status").GetString() != "failed"));
        foreach (var phone in phones)
        {
            var id = phone.GetProperty("id").GetGuid();
            if (phone.GetProperty("status").GetString() != "failed")
                await user.UntilStatusAsync(id, "running");
            (await user.Http.DeleteAsync($"/api/devices/{id}")).EnsureSuccessStatusCode();
        }
        await Wait.UntilAsync("the quota to be free", async () => (await user.QuotaUsageAsync())
            .GetProperty("currentDevices").GetInt32() == 0);
    }

    IEnumerable<string> LinesOf(string service, string requestId) =>
        _platform.Log.Split('\n').Where(l => l.StartsWith(service, StringComparison.Ordinal)
            && l.Contains($"r={requestId} ", StringComparison.Ordinal));

    IEnumerable<string> Mails(PlatformUser user) =>
        Directory.Exists(_platform.MailFolder)
            ? Directory.GetFiles(_platform.MailFolder, "*.eml").Select(File.ReadAllText)
                .Where(m => m.Contains(user.Email, StringComparison.Ordinal)) : [];

    static long Version(IEnumerable<JsonElement> notifications, string type) =>
        notifications.First(n => TypeOf(n) == type).GetProperty("data").GetProperty("version").GetInt64();

    static string TypeOf(JsonElement notification) => notification.GetProperty("type").GetString()!;

    static HashSet<string> Types(IEnumerable<JsonElement> notifications) => [.. notifications.Select(TypeOf)];
}
