using System.Net.Http.Json;
using CloudPhone.Contracts;

namespace CloudPhone.Scheduler.Tests.Reservations;

public sealed class ReservationTests() : ReservationScene(("MAX_RESERVATIONS_PER_USER", "3"))
{
    readonly Guid _ann = Guid.CreateVersion7();
    readonly Guid _bob = Guid.CreateVersion7();

    [Fact]
    public async Task Where_there_is_room_it_is_held_at_once_and_a_phone_takes_it_over()
    {
        var made = await ReserveAsync(_ann, 3);
        Assert.Equal("ready", made.Text("state"));
        Assert.Equal(3, await UsedAsync());
        var told = Assert.Single(await Service.PublishedAsync<SchedulerReservationStarted>());
        Assert.Equal((made.Id(), _ann, 3, 1), (told.ReservationId, told.UserId, told.CpuCores, told.MemoryGB));
        var device = Guid.CreateVersion7();
        for (var twice = 0; twice < 2; twice++)
            Assert.Equal(("placed", "one"), ((await PlaceAsync(_ann, made.Id(), device, 3)) is var p
                ? p.Text("outcome") : "", p.Text("nodeName")));
        Assert.Equal(3, await UsedAsync());
        var used = await As(_ann).GetAsync($"{Path}/{made.Id()}").JsonAsync();
        Assert.Equal(("used", device), (used.Text("state"), used.Id("deviceId")));
        Assert.Equal("reservation-not-ready",
            (await PlaceAsync(_ann, made.Id(), Guid.CreateVersion7(), 3)).Text("outcome"));
        await As(_ann).DeleteAsync($"{Path}/{made.Id()}").ProblemAsync(409, "reservation-over");
        await TheBooksAreRightAsync();
    }

    [Fact]
    public async Task What_was_reserved_is_for_its_user_and_its_size()
    {
        var made = await ReserveAsync(_ann, 3);
        Assert.Equal("no-reservation", (await PlaceAsync(_bob, made.Id(), Guid.CreateVersion7(), 3)).Text("outcome"));
        Assert.Equal("no-reservation",
            (await PlaceAsync(_ann, Guid.CreateVersion7(), Guid.CreateVersion7())).Text("outcome"));
        Assert.Equal("reservation-differs",
            (await PlaceAsync(_ann, made.Id(), Guid.CreateVersion7(), 4)).Text("outcome"));
        await As(_bob).GetAsync($"{Path}/{made.Id()}").ProblemAsync(404, "not-found");
        await As(_bob).DeleteAsync($"{Path}/{made.Id()}").ProblemAsync(404, "not-found");
        Assert.Empty((await As(_bob).GetAsync(Path).JsonAsync()).Items());
        Assert.Single((await As(_ann).GetAsync(Path).JsonAsync()).Items());
        Assert.Single((await Operator.GetAsync(Path).JsonAsync()).Items());
        Assert.Equal("ready", await StateAsync(_ann, made.Id()));
        await Devices.PostAsJsonAsync("/internal/placements/place", new
        {
            deviceId = Guid.CreateVersion7(), userId = _ann, cpuCores = 3, memoryGB = 1, reservationId = made.Id(),
            avoidNodeIds = new[] { Guid.CreateVersion7() },
        }).ProblemAsync(400, "bad-request");
    }

    [Fact]
    public async Task Operators_find_and_end_those_of_all()
    {
        var (of, other) = (await ReserveAsync(_ann, 8), await ReserveAsync(_bob, 8));
        Assert.Equal(of.Id(),
            Assert.Single((await Operator.GetAsync($"{Path}?state=ready&userId={_ann}").JsonAsync()).Items()).Id());
        Assert.Equal(other.Id(),
            Assert.Single((await Operator.GetAsync($"{Path}?state=waiting").JsonAsync()).Items()).Id());
        await Operator.GetAsync($"{Path}?state=1").ProblemAsync(400, "bad-request");
        await Operator.DeleteAsync($"{Path}/{of.Id()}").JsonAsync(204);
        var over = await As(_ann).GetAsync($"{Path}/{of.Id()}").JsonAsync();
        Assert.Equal(("cancelled", "operator"), (over.Text("state"), over.Text("endReason")));
        await UntilAsync("ready", _bob, other.Id());
    }

    [Fact]
    public async Task Room_that_is_not_used_in_time_goes_to_the_next()
    {
        var first = await ReserveAsync(_ann, 8);
        var second = await ReserveAsync(_bob, 8);
        Assert.Equal(("ready", "waiting", 1), (first.Text("state"), second.Text("state"), second.Number("position")));
        Clock.Advance(TimeSpan.FromMinutes(16));
        await UntilAsync("ready", _bob, second.Id());
        Assert.Equal("expired", await StateAsync(_ann, first.Id()));
        Assert.Equal("reservation-not-ready",
            (await PlaceAsync(_ann, first.Id(), Guid.CreateVersion7(), 8)).Text("outcome"));
        var told = Assert.Single(await Service.PublishedAsync<SchedulerReservationExpired>());
        Assert.Equal((first.Id(), "unused"), (told.ReservationId, told.Reason));
        Clock.Advance(TimeSpan.FromMinutes(16));
        await UntilAsync("expired", _bob, second.Id());
        Assert.Equal(0, await UsedAsync());
    }

    [Fact]
    public async Task Who_waits_until_the_end_is_told_that_there_was_no_room()
    {
        await FillAsync();
        var made = await ReserveAsync(_ann, 1, minutes: 10);
        Clock.Advance(TimeSpan.FromMinutes(11));
        await UntilAsync("expired", _ann, made.Id());
        Assert.Equal("no-room", Assert.Single(await Service.PublishedAsync<SchedulerReservationExpired>()).Reason);
        Assert.Equal(8, await UsedAsync());
    }

    [Fact]
    public async Task One_for_later_joins_the_queue_when_its_time_has_come()
    {
        var device = await FillAsync();
        var later = await As(_ann).PostAsJsonAsync(Path, new
        {
            cpuCores = 8, memoryGB = 1, minutes = 60, startAt = Clock.GetUtcNow().AddMinutes(10),
        }).JsonAsync(201);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, later.GetProperty("position").ValueKind);
        await Devices.ReleaseAsync(device).JsonAsync();
        var other = await FillAsync(); // nothing is kept for it before
        Clock.Advance(TimeSpan.FromMinutes(10));
        await UntilAsync("it to wait", async () => (await As(_ann).GetAsync($"{Path}/{later.Id()}").JsonAsync())
            .GetProperty("position").ValueKind == System.Text.Json.JsonValueKind.Number);
        await Devices.ReleaseAsync(other).JsonAsync();
        await UntilAsync("ready", _ann, later.Id());
    }

    [Fact]
    public async Task Giving_up_frees_the_room_and_the_place()
    {
        var held = await ReserveAsync(_ann, 8);
        var waiting = await ReserveAsync(_ann, 8);
        var next = await ReserveAsync(_bob, 8);
        for (var twice = 0; twice < 2; twice++)
            await As(_ann).DeleteAsync($"{Path}/{waiting.Id()}").JsonAsync(204);
        Assert.Equal(1, (await As(_bob).GetAsync($"{Path}/{next.Id()}").JsonAsync()).Number("position"));
        await As(_ann).DeleteAsync($"{Path}/{held.Id()}").JsonAsync(204);
        await UntilAsync("ready", _bob, next.Id());
        Assert.Equal("cancelled", await StateAsync(_ann, held.Id()));
        await TheBooksAreRightAsync();
    }

    [Fact]
    public async Task A_phone_that_came_to_nothing_leaves_the_room_to_its_reservation_for_as_long_as_that_lasts()
    {
        var made = await ReserveAsync(_ann, 8);
        var (first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await PlaceAsync(_ann, made.Id(), first, 8);
        await Devices.ReleaseAsync(first).JsonAsync();
        Assert.Equal(("ready", 8), (await StateAsync(_ann, made.Id()), await UsedAsync()));
        await Devices.ReleaseAsync(first).JsonAsync();
        Assert.Equal("placed", (await PlaceAsync(_ann, made.Id(), second, 8)).Text("outcome"));
        Clock.Advance(TimeSpan.FromMinutes(16)); // the placement has run out as well
        await UntilAsync("it is freed", async () => await UsedAsync() == 0);
        await Devices.ReleaseAsync(second).JsonAsync();
        Assert.Equal(0, await UsedAsync());
        await TheBooksAreRightAsync();
    }

    [Fact]
    public async Task A_phone_that_came_to_nothing_after_the_time_frees_the_room()
    {
        var made = await ReserveAsync(_ann, 8);
        var device = Guid.CreateVersion7();
        Clock.Advance(TimeSpan.FromMinutes(14));
        await PlaceAsync(_ann, made.Id(), device, 8);
        Clock.Advance(TimeSpan.FromMinutes(5));
        await Devices.ReleaseAsync(device).JsonAsync();
        Assert.Equal(("expired", 0), (await StateAsync(_ann, made.Id()), await UsedAsync()));
    }

    [Fact]
    public async Task Who_would_get_no_phone_gets_no_room()
    {
        var body = new { template = "small", minutes = 5 };
        Terms.MaxDevices = 3; // of which there is one
        for (var i = 0; i < 2; i++)
            Assert.Equal(2, (await As(_ann).PostAsJsonAsync(Path, body).JsonAsync(201)).Number("cpuCores"));
        await As(_ann).PostAsJsonAsync(Path, body).ProblemAsync(403, "quota-exceeded");
        Terms.MaxDevices = 50;
        Terms.QuotaEndedAt = Clock.GetUtcNow().AddDays(-1);
        await As(_bob).PostAsJsonAsync(Path, body).ProblemAsync(403, "quota-exceeded");
        Terms.QuotaEndedAt = null;
        foreach (var refusal in new[] { "balance-exhausted", "user-suspended" })
        {
            Terms.Refusals[_bob] = refusal;
            await As(_bob).PostAsJsonAsync(Path, body).ProblemAsync(403, refusal);
        }
        Terms.Refusals.Clear();
        Terms.UsersAreAway = true;
        await As(_bob).PostAsJsonAsync(Path, body).ProblemAsync(503, "unavailable");
        (Terms.UsersAreAway, Terms.IsAway) = (false, true);
        await As(_bob).PostAsJsonAsync(Path, body).ProblemAsync(503, "unavailable");
        Assert.Equal(2, (await Operator.GetAsync(Path).JsonAsync()).Items().Count);
    }

    [Fact]
    public async Task Room_goes_to_none_whose_time_is_over_though_nobody_has_seen_to_it()
    {
        var device = await FillAsync();
        var waiting = await ReserveAsync(_ann, 8, minutes: 10);
        Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        await Devices.ReleaseAsync(device).JsonAsync();
        await FillAsync(); // gets it, with the hand-over before it
        await UntilAsync("expired", _ann, waiting.Id());
        Assert.Empty(await Service.PublishedAsync<SchedulerReservationStarted>());
    }

    [Fact]
    public async Task A_suspension_ends_what_a_phone_that_comes_to_nothing_would_give_back()
    {
        var made = await ReserveAsync(_ann, 8);
        var device = Guid.CreateVersion7();
        await PlaceAsync(_ann, made.Id(), device, 8);
        await SuspendAsync(2);
        await Devices.ReleaseAsync(device).JsonAsync();
        Assert.Equal(("cancelled", 0), (await StateAsync(_ann, made.Id()), await UsedAsync()));
        var body = new { cpuCores = 1, memoryGB = 1, minutes = 5 };
        await As(_ann).PostAsJsonAsync(Path, body).ProblemAsync(403, "user-suspended");
        await Service.DeliverAsync(new UserReinstated(_ann, "ann", "ann@example.test", Clock.GetUtcNow(), 3));
        await SuspendAsync(1); // comes late
        await As(_ann).PostAsJsonAsync(Path, body).JsonAsync(201);
        await TheBooksAreRightAsync();
    }

    async Task SuspendAsync(long version) => (await Service.DeliverAsync(new UserSuspended(
        _ann, "ann", "ann@example.test", "spam", Clock.GetUtcNow(), version))).EnsureSuccessStatusCode();

    [Fact]
    public async Task A_phone_whose_placement_ran_out_finds_room_as_others_do()
    {
        var made = await ReserveAsync(_ann, 8);
        var device = Guid.CreateVersion7();
        await PlaceAsync(_ann, made.Id(), device, 8);
        Clock.Advance(TimeSpan.FromMinutes(16));
        await UntilAsync("expired", _ann, made.Id());
        Assert.Equal(0, await UsedAsync());
        Assert.Equal("placed", (await PlaceAsync(_ann, made.Id(), device, 8)).Text("outcome"));
        Assert.Equal("reservation-not-ready",
            (await PlaceAsync(_ann, made.Id(), Guid.CreateVersion7(), 8)).Text("outcome"));
        await TheBooksAreRightAsync();
    }

    [Fact]
    public async Task Who_is_suspended_holds_nothing()
    {
        var held = await ReserveAsync(_ann, 8);
        var waiting = await ReserveAsync(_ann, 8);
        var next = await ReserveAsync(_bob, 8);
        await SuspendAsync(2);
        Assert.Equal(("cancelled", "cancelled"),
            (await StateAsync(_ann, held.Id()), await StateAsync(_ann, waiting.Id())));
        await UntilAsync("ready", _bob, next.Id());
    }

    [Fact]
    public async Task A_user_has_a_few_at_once_and_repetitions_are_one()
    {
        using var keyed = Service.As(_ann);
        keyed.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        var body = new { cpuCores = 1, memoryGB = 1, minutes = 5 };
        Assert.Equal((await keyed.PostAsJsonAsync(Path, body).JsonAsync(201)).Id(),
            (await keyed.PostAsJsonAsync(Path, body).JsonAsync(201)).Id());
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var answer = await As(_bob).PostAsJsonAsync(Path, body);
            return (int)answer.StatusCode;
        }));
        Assert.Equal((3, 7), (answers.Count(a => a == 201), answers.Count(a => a == 409)));
        await As(_bob).PostAsJsonAsync(Path, body).ProblemAsync(409, "too-many-reservations");
    }

    [Fact]
    public async Task Bad_ones_are_refused()
    {
        var now = Clock.GetUtcNow();
        foreach (var bad in new object[]
        {
            new { cpuCores = 1, memoryGB = 1 }, new { minutes = 5 }, new { cpuCores = 1, minutes = 5 },
            new { cpuCores = 1, memoryGB = 1, minutes = 0 }, new { cpuCores = 1, memoryGB = 1, minutes = 10081 },
            new { cpuCores = 0, memoryGB = 1, minutes = 5 }, new { cpuCores = 1, memoryGB = -1, minutes = 5 },
            new { cpuCores = 1, memoryGB = 1, minutes = 5, template = "small" },
            new { cpuCores = 17, memoryGB = 1, minutes = 5 }, new { cpuCores = 1, memoryGB = 65, minutes = 5 },
            new { cpuCores = 1, memoryGB = 1, minutes = 5, startAt = now.AddDays(31) },
            new { cpuCores = 1, memoryGB = 1, minutes = 5, startAt = now.AddMinutes(-6) },
        })
            await As(_ann).PostAsJsonAsync(Path, bad).ProblemAsync(400, "bad-request");
        await As(_ann).PostAsJsonAsync(Path, new { cpuCores = 9, memoryGB = 1, minutes = 5 })
            .ProblemAsync(409, "too-large");
        await As(_ann).PostAsJsonAsync(Path, new { template = "huge", minutes = 5 })
            .ProblemAsync(400, "unknown-template");
        using var anonymous = Service.Anonymous();
        await anonymous.GetAsync(Path).ProblemAsync(401, "unauthorized");
        await As(_ann).GetAsync($"{Path}/{Guid.NewGuid()}").ProblemAsync(404, "not-found");
        await As(_ann).DeleteAsync($"{Path}/{Guid.NewGuid()}").ProblemAsync(404, "not-found");
        Assert.Empty((await Operator.GetAsync(Path).JsonAsync()).Items());
    }
}
