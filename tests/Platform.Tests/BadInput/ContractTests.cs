using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>The REST contract of the main flows, row by row: codes, names and types, through the gateway.</summary>
[Collection(nameof(SharedPlatform))]
public sealed class ContractTests(PlatformFixture fixture) : BadInputTest(fixture.Platform)
{
    const string Password = "seven green lanterns";
    const string Status = "creating|starting|running|stopping|stopped|recovering|error|failed|deleting";
    const string Device =
        $$"""
        {"id":"id","name":"text","userId":"id","status":"{{Status}}","cpuCores":"int","memoryGB":"int",
        "storageGB":"int","createdAt":"time"}
        """;
    const string Quota = """
        {"userId":"id","limits":{"maxDevices":"int","totalCpuCores":"int","totalMemoryGB":"int"},
        "usage":{"currentDevices":"int","usedCpuCores":"int","usedMemoryGB":"int"},"validUntil":"time?"}
        """;
    const string Session =
        """
        {"accessToken":"text","refreshToken":"text","expiresIn":"int",
        "user":{"id":"id","username":"text","roles":["text"]}}
        """;
    const string Notification = """
        {"items":[{"id":"id","type":"text","title":"text","message":"text","data":"any","createdAt":"time",
        "readAt":"time?"}],"nextCursor":"text?"}
        """;

    [Fact]
    public async Task Accounts_and_sessions()
    {
        using var http = new HttpClient { BaseAddress = Platform.Gateway };
        var name = $"c{Guid.NewGuid():N}"[..20];
        var registered = await ExpectAsync(201, await http.PostAsJsonAsync(
            "/api/auth/register", new { username = name, email = $"{name}@example.com", password = Password }));
        Shape.Assert("""{"id":"id","username":"text","email":"text"}""", registered);
        var login = await ExpectAsync(
            200, await http.PostAsJsonAsync("/api/auth/login", new { username = name, password = Password }));
        Shape.Assert(Session, login);
        // a client may send what it has no use for yet
        Shape.Assert(
            Session, await ExpectAsync(200, await http.PostAsJsonAsync(
                "/api/auth/login", new { username = name, password = Password, otp = "123456" })));
        var first = login.GetProperty("refreshToken").GetString();
        var refreshed = await ExpectAsync(
            200, await http.PostAsJsonAsync("/api/auth/refresh", new { refreshToken = first }));
        Shape.Assert(Session, refreshed);
        using var me = await SendAsync(
            Platform.Gateway, HttpMethod.Get, "/api/users/me", login.GetProperty("accessToken").GetString());
        Shape.Assert(
            """{"id":"id","username":"text","email":"text","roles":["text"],"balance":"number","currency":"CNY"}""",
            await ExpectAsync(200, me));
        using var thief = new HttpRequestMessage(
            HttpMethod.Post, "/api/auth/refresh")
        { Content = JsonContent.Create(new { refreshToken = first }) };
        thief.Headers.UserAgent.ParseAdd("another-client/1");
        Refusal.AssertNone([
            await Refusal.WrongAsync("a used token", await http.SendAsync(thief), 401),
            await Refusal.WrongAsync("its family", await http.PostAsJsonAsync(
                "/api/auth/refresh", new { refreshToken = refreshed.GetProperty("refreshToken").GetString() }), 401),
        ]);
        using var afterwards = await SendAsync(
            Platform.Gateway, HttpMethod.Get, "/api/users/me", login.GetProperty("accessToken").GetString());
        Refusal.AssertNone([await Refusal.WrongAsync("its access token", afterwards, 401)]);
    }

    [Fact]
    public async Task Quotas()
    {
        await using var user = await Platform.NewUserAsync();
        Shape.Assert(Quota, await user.GetAsync($"/api/quotas/user/{user.Id}"));
        var device = Guid.CreateVersion7();
        var usage = await AsServiceAsync($"/api/quotas/user/{user.Id}/usage",
            new { deviceId = device, cpuCores = 1, memoryGB = 2, operation = "increment" });
        Shape.Assert(Quota, usage);
        Assert.Equal(2, usage.GetProperty("usage").GetProperty("usedMemoryGB").GetInt32());
        var batch = await AsServiceAsync(
            "/api/quotas/batch-usage",
            new
            {
                reports = new[] { new { userId = user.Id, deviceId = device, cpuCores = 1, memoryGB = 2,
            operation = "decrement" } }
            });
        Shape.Assert("""{"accepted":1,"results":[{"deviceId":"id","outcome":"text"}]}""", batch);
        Assert.Equal(0, (await user.QuotaUsageAsync()).GetProperty("currentDevices").GetInt32());
    }

    [Fact]
    public async Task Phones_their_apps_usage_and_notifications()
    {
        await using var user = await Platform.NewUserAsync();
        var created = await ExpectAsync(201, await user.CreateAsync("contract"));
        var device = Device.Replace(Status, "creating|starting|running", StringComparison.Ordinal);
        Shape.Assert($$"""{"success":true,"device":{{device}}}""", created);
        var id = created.GetProperty("device").GetProperty("id").GetGuid();
        Shape.Assert(Device, await user.GetAsync($"/api/devices/{id}"));
        foreach (var list in new[] { "/api/devices", "/api/devices/list", $"/api/devices/user/{user.Id}" })
            Shape.Assert($$"""{"items":[{{Device}}],"nextCursor":"text?"}""", await user.GetAsync(list));
        await user.UntilStatusAsync(id, "running");

        var app = (await user.ListAsync("/api/apps"))[0].GetProperty("id").GetGuid();
        Shape.Assert("""{"installId":"id"}""",
            await ExpectAsync(202, await user.Http.PostAsJsonAsync($"/api/devices/{id}/install", new { appId = app })));
        await Wait.UntilAsync("the app", async () => (await user.ListAsync($"/api/devices/{id}/apps"))
            .Any(a => a.GetProperty("status").GetString() == "installed"));
        Shape.Assert("""
            {"items":[{"appId":"id","packageName":"text","version":"text","status":"pending|installed|failed"}],
            "nextCursor":"text?"}
            """, await user.GetAsync($"/api/devices/{id}/apps"));

        Refusal.AssertNone(
            [await Refusal.WrongAsync(
                "start of a running phone", await user.Http.PostAsync($"/api/devices/{id}/start", null), 409)]);
        await ExpectAsync(202, await user.Http.PostAsync($"/api/devices/{id}/restart", null));
        await user.UntilStatusAsync(id, "running");
        await ExpectAsync(202, await user.Http.PostAsync($"/api/devices/{id}/stop", null));
        await user.UntilStatusAsync(id, "stopped");
        await ExpectAsync(202, await user.Http.PostAsync($"/api/devices/{id}/start", null));
        await user.UntilStatusAsync(id, "running");

        await Wait.UntilAsync("usage", async () => (await user.ListAsync($"/api/billing/usage?deviceId={id}"))
            .Any(u => u.GetProperty("status").GetString() == "closed"));
        Shape.Assert("""
            {"items":[{"deviceId":"id","startedAt":"time?","stoppedAt":"time?","pausedSeconds":"int",
            "seconds":"int","amount":"number","status":"open|paused|closed"}],"nextCursor":"text?"}
            """, await user.GetAsync($"/api/billing/usage?deviceId={id}"));
        await Wait.UntilAsync("notifications", async () => (await user.ListAsync("/api/notifications")).Count > 2);
        await NotificationsAsync(user);

        Assert.Equal(204, (int)(await user.Http.DeleteAsync($"/api/devices/{id}")).StatusCode);
        await Wait.UntilAsync("the quota to be free", async () => (await user.QuotaUsageAsync())
            .GetProperty("currentDevices").GetInt32() == 0);
        Refusal.AssertNone(
            [await Refusal.WrongAsync("a deleted phone", await user.Http.GetAsync($"/api/devices/{id}"), 404)]);
    }

    static async Task NotificationsAsync(PlatformUser user)
    {
        var list = await user.GetAsync("/api/notifications");
        Shape.Assert(Notification, list);
        var unread = await user.GetAsync("/api/notifications/unread-count");
        Shape.Assert("""{"count":"int"}""", unread);
        var one = list.GetProperty("items")[0].GetProperty("id").GetGuid();
        var read = await ExpectAsync(200, await user.Http.PostAsync($"/api/notifications/{one}/read", null));
        Assert.NotEqual(JsonValueKind.Null, read.GetProperty("readAt").ValueKind);
    }

    [Fact]
    public async Task Over_quota()
    {
        await using var user = await Platform.NewUserAsync();
        await using var admin = await AdminAsync();
        await ExpectAsync(200, await admin.Http.PutAsJsonAsync(
            $"/api/quotas/user/{user.Id}", new { maxDevices = 0, totalCpuCores = 0, totalMemoryGB = 0 }));
        var answer = await user.CreateAsync("too much");
        Assert.Equal(
            "quota-exceeded", (await ExpectAsync(403, answer, dispose: false)).GetProperty("type").GetString());
        Refusal.AssertNone([await Refusal.WrongAsync("over quota", answer, 403)]);
    }

    [Fact]
    public async Task Dead_letters_are_for_operators()
    {
        await using var user = await Platform.NewUserAsync();
        await using var admin = await AdminAsync();
        Refusal.AssertNone([
            await Refusal.WrongAsync("a user's list", await user.Http.GetAsync("/api/notifications/dead-letters"), 403),
            await Refusal.WrongAsync("a user's replay", await user.Http.PostAsync(
                $"/api/notifications/dead-letters/{Guid.CreateVersion7()}/replay", null), 403),
            await Refusal.WrongAsync("an unknown one", await admin.Http.PostAsync(
                $"/api/notifications/dead-letters/{Guid.CreateVersion7()}/replay", null), 404),
        ]);
        Assert.Equal(JsonValueKind.Array, (await admin.GetAsync("/api/notifications/dead-letters"))
            .GetProperty("items").ValueKind);
    }

    [Fact]
    public async Task Every_service_tells_of_its_health_and_its_metrics()
    {
        using var http = new HttpClient();
        foreach (var service in new[] { AppIds.Gateway, AppIds.Users, AppIds.Devices, AppIds.Apps, AppIds.Scheduler,
            AppIds.Billing, AppIds.Notifications, AppIds.Media })
        {
            foreach (var path in new[] { "/health", "/health/live", "/health/ready" })
                Shape.Assert($$"""{"status":"healthy","service":"{{service}}"}""", JsonDocument.Parse(
                    await http.GetStringAsync(new Uri(Platform.AddressOf(service), path))).RootElement);
            Assert.Contains("# TYPE", await http.GetStringAsync(new Uri(Platform.AddressOf(service), "/metrics")),
                StringComparison.Ordinal);
        }
    }

    async Task<JsonElement> AsServiceAsync(string path, object body)
    {
        using var content = JsonContent.Create(body);
        await content.LoadIntoBufferAsync();
        return await ExpectAsync(200, await SendAsync(Platform.AddressOf(AppIds.Users), HttpMethod.Post, path, null,
            content, (ServiceTokens.Header, Tokens.Service(AppIds.Devices))));
    }

    static async Task<JsonElement> ExpectAsync(int status, HttpResponseMessage answer, bool dispose = true)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(
            (int)answer.StatusCode == status, $"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {text}");
        if (dispose)
            answer.Dispose();
        return JsonDocument.Parse(text).RootElement;
    }
}
