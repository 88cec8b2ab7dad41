using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Scheduler.Tests.Actions;

public sealed class ActionTests : IAsyncDisposable
{
    const string Actions = "/api/scheduler/actions";
    /// <summary>Seconds: an hour goes by in 360 steps.</summary>
    const int Long = 90;
    static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 30, TimeSpan.Zero);

    readonly FakeTimeProvider _clock = new(Start);
    readonly TestService<SchedulerDb> _service = new(("MAX_ACTIONS_PER_USER", "3"));
    readonly Guid _user = Guid.CreateVersion7();
    readonly HttpClient _client;
    readonly HttpClient _devices;

    public ActionTests()
    {
        _service.With(_clock);
        _client = _service.As(_user);
        _devices = _service.AsService(AppIds.Devices);
    }

    async Task<Guid> PhoneAsync(Guid? owner = null)
    {
        var id = Guid.CreateVersion7();
        await _devices.PostAsJsonAsync("/internal/placements/place",
            new { deviceId = id, userId = owner ?? _user, cpuCores = 1, memoryGB = 1 }).JsonAsync();
        return id;
    }

    async Task<JsonElement> CreateAsync(object action) => await _client.PostAsJsonAsync(Actions, action).JsonAsync(201);

    async Task<JsonElement> EveryHourAsync(Guid device, string missed = "skip") => await CreateAsync(
        new { deviceIds = new[] { device }, action = "restart", cron = "0 * * * *", missed });

    Task<IReadOnlyList<SchedulerActionDue>> ToldAsync() => _service.PublishedAsync<SchedulerActionDue>();

    /// <summary>Goes on in steps that no lease ends in.</summary>
    Task UntilToldAsync(int times) => Wait.UntilAsync($"{times} events", async () =>
    {
        var count = (await ToldAsync()).Count;
        if (count < times)
            _clock.Advance(TimeSpan.FromSeconds(10));
        return count == times;
    }, Long);

    async Task<List<JsonElement>> RunsAsync(Guid action) =>
        (await _client.GetAsync($"{Actions}/{action}/runs").JsonAsync()).Items();

    Task UntilRunsAsync(Guid action, int times) => Wait.UntilAsync($"{times} runs", async () =>
    {
        var count = (await RunsAsync(action)).Count;
        if (count < times)
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        return count == times;
    }, Long);

    [Fact]
    public async Task What_recurs_is_told_at_each_of_its_moments_for_each_phone()
    {
        Guid[] phones = [await PhoneAsync(), await PhoneAsync()];
        var app = Guid.CreateVersion7();
        var action = await CreateAsync(new
        {
            name = "each morning", deviceIds = phones, action = "install", appId = app, cron = "0 21 * * *",
            timeZone = "Asia/Shanghai",
        });
        Assert.Equal(Start.AddMinutes(59.5), action.GetProperty("nextRunAt").GetDateTimeOffset());
        Assert.Equal("2026-11-24T21:00:00+08:00", action.GetProperty("nextRuns")[1].GetString());
        await UntilToldAsync(2);
        var told = await ToldAsync();
        Assert.Equal(phones.Order(), told.Select(t => t.DeviceId).Order());
        Assert.All(told, t => Assert.Equal((action.Id(), _user, "install", app, Start.AddMinutes(59.5)),
            (t.ActionId, t.UserId, t.Action, t.AppId, t.DueAt)));
        Assert.Equal(2, told.Select(t => t.RunId).Distinct().Count());
        var run = Assert.Single(await RunsAsync(action.Id()));
        Assert.Equal(("begun", 2), (run.Text("outcome"), run.Number("devices")));
        var next = (await _client.GetAsync($"{Actions}/{action.Id()}").JsonAsync()).GetProperty("nextRunAt");
        Assert.Equal(Start.AddDays(1).AddMinutes(59.5), next.GetDateTimeOffset());
    }

    [Fact]
    public async Task What_runs_once_is_told_once_and_can_be_planned_again()
    {
        var device = await PhoneAsync();
        var action = await CreateAsync(new
        {
            deviceIds = new[] { device }, action = "snapshot", snapshotName = "before", runAt = Start.AddMinutes(1),
        });
        await UntilToldAsync(1);
        Assert.Equal("before", (await ToldAsync())[0].SnapshotName);
        var path = $"{Actions}/{action.Id()}";
        Assert.Equal(JsonValueKind.Null, (await _client.GetAsync(path).JsonAsync()).GetProperty("nextRunAt").ValueKind);
        await _client.PatchAsJsonAsync(path, new { enabled = true }).ProblemAsync(400, "never-due");
        await _client.PatchAsJsonAsync(path, new { name = "new name" }).JsonAsync();
        await _client.PatchAsJsonAsync(path, new { runAt = _clock.GetUtcNow().AddMinutes(2) }).JsonAsync();
        await UntilToldAsync(2);
    }

    [Theory]
    [InlineData("skip", 0, "skipped")]
    [InlineData("run-once", 1, "begun")]
    public async Task What_was_missed_runs_once_or_not_as_the_action_says(string missed, int events, string outcome)
    {
        var action = await EveryHourAsync(await PhoneAsync(), missed);
        Assert.Equal(missed, action.Text("missed"));
        _clock.Advance(TimeSpan.FromMinutes(310)); // 17:10:30
        await UntilRunsAsync(action.Id(), 1);
        var run = (await RunsAsync(action.Id()))[0];
        Assert.Equal((outcome, Start.Date.AddHours(17), 4), (run.Text("outcome"),
            run.GetProperty("dueAt").GetDateTimeOffset().UtcDateTime, run.Number("missedBefore")));
        Assert.Equal(events, (await ToldAsync()).Count);
        await UntilToldAsync(events + 1);
    }

    [Fact]
    public async Task A_run_that_is_on_time_is_told_however_many_before_it_were_missed()
    {
        var action = await EveryHourAsync(await PhoneAsync());
        _clock.Advance(TimeSpan.FromHours(5)); // 17:00:30
        await UntilRunsAsync(action.Id(), 1);
        Assert.Equal(Start.Date.AddHours(17), Assert.Single(await ToldAsync()).DueAt.UtcDateTime);
    }

    [Fact]
    public async Task What_is_disabled_deleted_or_moved_is_not_told()
    {
        var device = await PhoneAsync();
        var (disabled, deleted) = ((await EveryHourAsync(device)).Id(), (await EveryHourAsync(device)).Id());
        var moved = (await EveryHourAsync(device)).Id();
        await _client.PatchAsJsonAsync($"{Actions}/{disabled}", new { enabled = false }).JsonAsync();
        await _client.DeleteAsync($"{Actions}/{deleted}").JsonAsync(204);
        await _client.PatchAsJsonAsync($"{Actions}/{moved}", new { cron = "30 * * * *", timeZone = "Europe/Berlin" })
            .JsonAsync();
        await UntilToldAsync(1);
        var told = (await ToldAsync())[0];
        Assert.Equal((moved, 30), (told.ActionId, told.DueAt.Minute));
        await _client.DeleteAsync($"{Actions}/{deleted}").ProblemAsync(404, "not-found");
        await _client.GetAsync($"{Actions}/{deleted}/runs").ProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task Phones_that_are_gone_leave_their_actions()
    {
        Guid[] phones = [await PhoneAsync(), await PhoneAsync(), await PhoneAsync()];
        var action = (await CreateAsync(new { deviceIds = phones, action = "stop", cron = "0 * * * *" })).Id();
        var deleted = new DeviceDeleted(phones[0], _user, "phone", 1, 1, _clock.GetUtcNow(), 9);
        (await _service.DeliverAsync(deleted)).EnsureSuccessStatusCode();
        await _devices.ReleaseAsync(phones[1]).JsonAsync(); // its event is still on its way
        await UntilToldAsync(1);
        Assert.Equal(phones[2], (await ToldAsync())[0].DeviceId);
        (await _service.DeliverAsync(deleted with { DeviceId = phones[2] })).EnsureSuccessStatusCode();
        var left = await _client.GetAsync($"{Actions}/{action}").JsonAsync();
        Assert.Equal((0, JsonValueKind.Null),
            (left.GetProperty("deviceIds").GetArrayLength(), left.GetProperty("nextRunAt").ValueKind));
        await CreateAsync(new { deviceIds = new[] { await PhoneAsync() }, action = "stop", cron = "0 * * * *" });
    }

    [Fact]
    public async Task A_user_has_so_many_even_when_all_are_asked_for_at_once_and_a_key_makes_one()
    {
        var device = await PhoneAsync();
        var body = new { deviceIds = new[] { device }, action = "start", cron = "0 * * * *" };
        _client.DefaultRequestHeaders.Add("Idempotency-Key", "one");
        var same = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _client.PostAsJsonAsync(Actions, body)));
        _client.DefaultRequestHeaders.Remove("Idempotency-Key");
        Assert.Contains(same, a => (int)a.StatusCode == 201);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _client.PostAsJsonAsync(Actions, body)));
        Assert.Equal(2, answers.Count(a => (int)a.StatusCode == 201));
        Assert.Equal(6, answers.Count(a => (int)a.StatusCode == 409));
        await _client.PostAsJsonAsync(Actions, body).ProblemAsync(409, "too-many-actions");
        Assert.Equal(3, (await _client.GetAsync(Actions).JsonAsync()).Items().Count);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused()
    {
        Guid[] own = [await PhoneAsync()];
        foreach (var bad in new object[]
        {
            new { deviceIds = Array.Empty<Guid>(), action = "start", cron = "0 * * * *" },
            new { deviceIds = new[] { own[0], own[0] }, action = "start", cron = "0 * * * *" },
            new { deviceIds = own, action = "dance", cron = "0 * * * *" },
            new { deviceIds = own, action = "start" },
            new { deviceIds = own, action = "start", cron = "0 * * * *", runAt = Start.AddDays(1) },
            new { deviceIds = own, action = "start", cron = "0 * * * * *" },
            new { deviceIds = own, action = "start", cron = "0 * * * *", timeZone = "Nowhere" },
            new { deviceIds = own, action = "start", runAt = Start.AddDays(1), timeZone = "UTC" },
            new { deviceIds = own, action = "start", cron = "0 * * * *", missed = "twice" },
            new { deviceIds = own, action = "start", cron = "0 * * * *", name = " " },
            new { deviceIds = own, action = "start", cron = "0 * * * *", appId = own[0] },
            new { deviceIds = own, action = "install", cron = "0 * * * *" },
            new { deviceIds = own, action = "snapshot", cron = "0 * * * *" },
            new { deviceIds = own, action = "snapshot", cron = "0 * * * *", snapshotName = new string('x', 101) },
        })
            await _client.PostAsJsonAsync(Actions, bad).ProblemAsync(400, "bad-request");
        foreach (var never in new object[] { new { deviceIds = own, action = "start", cron = "0 0 30 2 *" },
            new { deviceIds = own, action = "start", runAt = Start.AddMinutes(-1) } })
            await _client.PostAsJsonAsync(Actions, never).ProblemAsync(400, "never-due");
        Assert.Empty((await _client.GetAsync(Actions).JsonAsync()).Items());
        var action = (await EveryHourAsync(own[0])).Id();
        await _client.PatchAsJsonAsync($"{Actions}/{action}", new { name = "x", cron = "x" })
            .ProblemAsync(400, "bad-request");
        await _client.PatchAsJsonAsync($"{Actions}/{action}", new { name = "x", deviceIds = new[] { Guid.NewGuid() } })
            .ProblemAsync(404, "not-found");
        Assert.Equal(JsonValueKind.Null,
            (await _client.GetAsync($"{Actions}/{action}").JsonAsync()).GetProperty("name").ValueKind);
    }

    [Fact]
    public async Task Nobody_plans_for_phones_of_others_or_sees_what_they_plan()
    {
        var action = (await EveryHourAsync(await PhoneAsync())).Id();
        var foreign = new
        {
            deviceIds = new[] { await PhoneAsync(Guid.CreateVersion7()) }, action = "stop", cron = "0 * * * *",
        };
        await _client.PostAsJsonAsync(Actions, foreign).ProblemAsync(404, "not-found");
        using var other = _service.As(Guid.CreateVersion7());
        using var admin = _service.As(Guid.CreateVersion7(), "admin");
        using var anonymous = _service.Anonymous();
        var path = $"{Actions}/{action}";
        Assert.Empty((await other.GetAsync(Actions).JsonAsync()).Items());
        Assert.Single((await admin.GetAsync(Actions).JsonAsync()).Items());
        foreach (var client in new[] { other, admin })
        {
            await client.PatchAsJsonAsync(path, new { enabled = false }).ProblemAsync(404, "not-found");
            await client.DeleteAsync(path).ProblemAsync(404, "not-found");
        }
        await other.GetAsync(path).ProblemAsync(404, "not-found");
        await other.GetAsync($"{path}/runs").ProblemAsync(404, "not-found");
        await anonymous.GetAsync(Actions).ProblemAsync(401, "unauthorized");
        await anonymous.PostAsJsonAsync(Actions, foreign).ProblemAsync(401, "unauthorized");
        await anonymous.DeleteAsync(path).ProblemAsync(401, "unauthorized");
        Assert.True((await _client.GetAsync(path).JsonAsync()).GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public async Task A_cron_expression_can_be_tried()
    {
        var preview = await _client.GetAsync($"{Actions}/preview?cron=0+9+*+*+1&timeZone=America/New_York&count=2")
            .JsonAsync();
        Assert.Equal(["2026-11-23T09:00:00-05:00", "2026-11-30T09:00:00-05:00"],
            preview.GetProperty("nextRuns").EnumerateArray().Select(t => t.GetString()));
        await _client.GetAsync($"{Actions}/preview?cron=x").ProblemAsync(400, "bad-request");
        await _client.GetAsync($"{Actions}/preview?cron=*+*+*+*+*&count=51").ProblemAsync(400, "bad-request");
        await _client.GetAsync($"{Actions}/preview").ProblemAsync(400, "bad-request");
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _devices.Dispose();
        return _service.DisposeAsync();
    }
}
